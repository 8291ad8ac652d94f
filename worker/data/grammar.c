#include "worker/data/grammar.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *const surnames[] = {"김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서",
        "신", "권", "황", "안", "송", "류", "홍", NULL};
static const char *const given_first[] = {"민", "서", "지", "도", "하", "예", "준", "유", "현", "수", "태", "승", "은",
        "재", "영", "성", "다", "시", "주", "채", NULL};
static const char *const given_last[] = {"준", "윤", "우", "원", "아", "호", "진", "경", "희", "훈", "빈", "린", "혁",
        "철", "미", "숙", "석", "연", "람", "결", NULL};
static const char *const stem_first[] = {"가", "나", "다", "라", "미", "보", "세", "아", "오", "유", "진", "창", "태",
        "한", "현", "동", "남", "북", "신", "명", NULL};
static const char *const stem_last[] = {"람", "온", "성", "산", "주", "원", "천", "림", "솔", "빛", "담", "누", "울",
        "양", "평", "해", "강", "벌", "봉", "포", NULL};
static const char *const company_ends[] = {"전자", "그룹", "건설", "은행", "대학교", "방송", "제약", "항공", "연구원",
        "재단", "엔터테인먼트", "중공업", NULL};
static const char *const party_ends[] = {"당", "연맹", "협회", "연합", "위원회", "노조", NULL};
static const char *const place_ends[] = {"시", "군", "구", "도", "동", "읍", NULL};
static const char *const years[] = {"1948년 ", "1957년 ", "1963년 ", "1971년 ", "1979년 ", "1984년 ", "1990년 ",
        "1996년 ", "2001년 ", "2008년 ", "2013년 ", "2019년 ", NULL};
static const char *const months[] = {
        "1월 ", "2월 ", "3월 ", "4월 ", "5월 ", "6월 ", "7월 ", "8월 ", "9월 ", "10월 ", "11월 ", "12월 ", NULL};
static const char *const days[] = {
        "1일", "3일", "7일", "9일", "12일", "15일", "18일", "21일", "24일", "27일", "30일", NULL};
static const char *const titles[] = {"대표", "회장", "감독", "교수", "의원", "시장", "배우", "가수", "기자", "장관",
        "총장", "이사장", "작가", "선수", NULL};
static const char *const work_heads[] = {
        "푸른 ", "마지막 ", "작은 ", "오래된 ", "하얀 ", "새로운 ", "조용한 ", "먼 ", NULL};
static const char *const work_tails[] = {
        "바다", "정원", "편지", "겨울", "도시", "노래", "여행", "약속", "거울", "별", NULL};
static const char *const counts[] = {"120", "350", "480", "700", "1,200", "2,500", "8,000", "15,000", NULL};
static const char *const count_ends[] = {"명", "여 명", NULL};

const struct name_rule name_rules[NAME_KINDS] = {
        [NAME_PERSON] = {"PER", {surnames, given_first, given_last}},
        [NAME_COMPANY] = {"ORG", {stem_first, stem_last, company_ends}},
        [NAME_PARTY] = {"ORG", {stem_first, stem_last, party_ends}},
        [NAME_PLACE] = {"LOC", {stem_first, stem_last, place_ends}},
        [NAME_DATE] = {"DAT", {years, months, days}},
        [NAME_TITLE] = {"POH", {titles}},
        [NAME_WORK] = {"POH", {work_heads, work_tails}},
        [NAME_COUNT] = {"NOH", {counts, count_ends}},
};

const struct relation_rule relation_rules[] = {
        {"per:employee_of", 12, NAME_PERSON, NAME_COMPANY,
                LIST("{s}[은는] {o}에서 일하고 있다", "{o} 소속 {s}[이가] 발표를 맡았다", "{o}의 {s} {t}[이가] 밝혔다",
                        "{s} {o} {t}[은는] 이렇게 말했다", "{s}[은는] 올해 {o}에 입사했다",
                        "{o}에 몸담은 {s}[이가] 상을 받았다")},
        {"org:top_members/employees", 13, NAME_COMPANY, NAME_PERSON,
                LIST("{s}[을를] 이끄는 {o} {t}[이가] 밝혔다", "{s}의 {o} {t}[이가] 말했다",
                        "{s}({t} {o})[은는] 행사를 열었다", "{s} {t}에 {o}[이가] 취임했다",
                        "{s}[은는] 새 {t}로 {o}[을를] 뽑았다", "{s} {o} {t}[은는] 이렇게 말했다")},
        {"per:title", 9, NAME_PERSON, NAME_TITLE,
                LIST("{s} {o}[은는] 기자들과 만났다", "{o} {s}[이가] 무대에 올랐다", "{g}의 {s} {o}[이가] 밝혔다",
                        "{s}[은는] {o}[으로로] 이름을 알렸다", "{s}[이가] {g}의 {o}[을를] 맡았다")},
        {"per:spouse", 5, NAME_PERSON, NAME_PERSON,
                LIST("{s}[은는] {o}[과와] 결혼했다", "{s}의 아내 {o}[이가] 함께했다", "{s}의 남편 {o}[이가] 말했다",
                        "{s}[과와] {o} 부부가 집을 샀다", "{s}[은는] {d} {o}[과와] 가정을 꾸렸다")},
        {"per:parents", 5, NAME_PERSON, NAME_PERSON,
                LIST("{s}[은는] {o}의 아들로 태어났다", "{s}의 아버지 {o}[이가] 함께했다", "{o}의 딸 {s}[이가] 말했다",
                        "{o}[은는] {s}[을를] 홀로 키웠다", "{s}의 어머니 {o}[은는] 교사였다")},
        {"per:children", 5, NAME_PERSON, NAME_PERSON,
                LIST("{s}의 아들 {o}[이가] 함께했다", "{s}[은는] 딸 {o}[을를] 두었다", "{o}[은는] {s}의 맏이다",
                        "{s}[은는] {o}[을를] 홀로 키웠다", "{o}[은는] {s}의 딸로 태어났다")},
        {"per:siblings", 4, NAME_PERSON, NAME_PERSON,
                LIST("{s}의 형 {o}[이가] 함께했다", "{s}[과와] {o} 남매가 무대에 섰다", "{o}[은는] {s}의 동생이다",
                        "{s}의 누나 {o}[이가] 말했다")},
        {"per:colleagues", 6, NAME_PERSON, NAME_PERSON,
                LIST("{s}[과와] {o}[이가] 함께 무대에 섰다", "{s}[은는] {o}[과와] 같은 팀에서 뛰었다",
                        "{s}의 동료 {o}[이가] 말했다", "{s}[은는] {o}[과와] 함께 {g}에서 일했다")},
        {"per:date_of_birth", 5, NAME_PERSON, NAME_DATE,
                LIST("{s}({o} ~ )[은는] 대한민국의 {t}이다", "{s}[은는] {o}에 태어났다",
                        "{o} {l}에서 태어난 {s}[은는] {t}[이가] 되었다", "{o}생 {s}[이가] 함께했다")},
        {"per:date_of_death", 4, NAME_PERSON, NAME_DATE,
                LIST("{s}[은는] {o}에 세상을 떠났다", "{s}( ~ {o})[은는] 대한민국의 {t}였다",
                        "{o} {l}에서 숨진 {s}[은는] {t}였다", "{s}[은는] {o} 병으로 별세했다")},
        {"per:origin", 6, NAME_PERSON, NAME_PLACE,
                LIST("{s}[은는] {o} 출신이다", "{o} 출신 {t} {s}[이가] 말했다", "{s}[은는] {o}에서 나고 자랐다",
                        "{o} 사람 {s}[이가] 함께했다")},
        {"per:place_of_residence", 4, NAME_PERSON, NAME_PLACE,
                LIST("{s}[은는] {o}에 산다", "{o}에 사는 {s}[이가] 말했다", "{s}[은는] {o}에서 지내고 있다",
                        "{s}[은는] {o}에 집을 샀다")},
        {"org:place_of_headquarters", 6, NAME_COMPANY, NAME_PLACE,
                LIST("{s}[은는] {o}에 본사를 두고 있다", "{o}에 있는 {s}[이가] 행사를 열었다",
                        "{o} 소재 {s}[은는] 상을 받았다", "{s}[은는] {o}에 새 건물을 지었다")},
        {"org:founded", 4, NAME_COMPANY, NAME_DATE,
                LIST("{s}[은는] {o}에 세워졌다", "{o} 문을 연 {s}[은는] 상을 받았다",
                        "{s}[은는] {o} {p}[이가] 만들었다", "{o}에 출범한 {s}[이가] 행사를 열었다")},
        {"org:member_of", 7, NAME_PARTY, NAME_COMPANY,
                LIST("{s}[은는] {o}에 속해 있다", "{o} 산하 {s}[이가] 행사를 열었다", "{o}의 {s}[이가] 밝혔다",
                        "{s}[은는] 올해 {o}에 들어갔다")},
        {"org:product", 5, NAME_COMPANY, NAME_WORK,
                LIST("{s}[은는] '{o}'[을를] 내놓았다", "{s}의 새 작품 '{o}'[이가] 인기를 끌었다",
                        "{s}[이가] 만든 '{o}'[은는] 상을 받았다")},
};
const size_t relation_rule_count = sizeof relation_rules / sizeof *relation_rules;

const char *const neutral_clauses[] = {
        "{s}[과와] {o}[은는] 이날 각각 소식을 전했다",
        "{s}[은는] {o}에 대해 말을 아꼈다",
        "{s}에 이어 {o}[이가] 소개되었다",
        "{o} 이야기가 나오자 {s}[은는] 고개를 저었다",
        "{s}[이가] 아니라 {o}[이가] 먼저였다",
        "{s}[은는] {o}[과와] 아무 관련이 없다고 밝혔다",
        NULL,
};
