#!/bin/sh
# Writes Debian's WordNet (Miller 1995; package wordnet-base) as a lexicon for kre-train: what kind of thing a noun is.
#   examples/wordnet-lexicon.sh wordnet.tsv && kre-train --data TRAIN_FILE.TXT --lexicon wordnet.tsv
# A line is word<TAB>class class …: the supersense of the noun's most frequent sense (such as noun18, persons) and every
# synset above it, named by its place in the database. Plurals have lines of their own.
set -eu

out=${1:?usage: wordnet-lexicon.sh OUT}
dict=${WORDNET:-/usr/share/wordnet}
[ -r "$dict/data.noun" ] || apt-get install -y -o DPkg::Lock::Timeout=300 --no-install-recommends wordnet-base

LC_ALL=C awk -v dict="$dict" '
function plural(word) {
	if (word ~ /(s|x|z|ch|sh)$/) return word "es"
	if (word ~ /[^aeiou]y$/) return substr(word, 1, length(word) - 1) "ies"
	if (word ~ /man$/) return substr(word, 1, length(word) - 3) "men"
	return word "s"
}
function climb(synset,    parents, count, i) {
	if (synset in seen) return
	seen[synset] = 1
	classes = classes " " synset
	count = split(above[synset], parents, " ")
	for (i = 1; i <= count; i++) climb(parents[i])
}
function put(word, lemma) {
	if (word in done) return
	done[word] = 1
	split("", seen)
	classes = ""
	climb(sense[lemma])
	gsub(/_/, " ", word)
	print word "\t" "noun" field[sense[lemma]] classes
}
BEGIN {
	while ((getline line < (dict "/data.noun")) > 0) {
		if (line ~ /^ /) continue
		split(line, part, " ")
		words = index("0123456789abcdef", substr(part[4], 1, 1)) - 1
		words = 16 * words + index("0123456789abcdef", substr(part[4], 2, 1)) - 1
		at = 5 + 2 * words
		field[part[1]] = part[2]
		for (i = 0; i < part[at] + 0; i++)
			if (part[at + 1 + 4 * i] ~ /^@/)
				above[part[1]] = above[part[1]] " " part[at + 2 + 4 * i]
	}
	while ((getline line < (dict "/index.noun")) > 0) {
		if (line ~ /^ /) continue
		count = split(line, part, " ")
		sense[part[1]] = part[count - part[3] + 1]
		order[++lemmas] = part[1]
	}
	for (i = 1; i <= lemmas; i++) put(order[i], order[i])
	while ((getline line < (dict "/noun.exc")) > 0) {
		split(line, part, " ")
		if (part[2] in sense) put(part[1], part[2])
	}
	for (i = 1; i <= lemmas; i++) put(plural(order[i]), order[i])
}' > "$out.part"
mv "$out.part" "$out"
