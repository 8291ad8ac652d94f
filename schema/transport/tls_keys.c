#include "schema/transport/tls_keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/base/file.h"
#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "schema/base/sha256.h"
#include "schema/base/text.h"

static void key_finish(struct tls_key *key)
{
	EVP_PKEY_free(key->secret);
	X509_free(key->certificate);
	*key = (struct tls_key){0};
}

/* ---- what a key is known by ---- */

static unsigned char byte_of(const char *digits)
{
	unsigned value = 0;
	sscanf(digits, "%2x", &value);
	return (unsigned char)value;
}

int tls_pin_of(unsigned char out[JOIN_PIN_BYTES], const X509 *certificate)
{
	unsigned char *der = NULL;
	char digest[SHA256_HEX_BYTES];
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	if (length < 0)
		return -ENOMEM;
	sha256_hex(digest, der, (size_t)length);
	OPENSSL_free(der);
	for (size_t i = 0; i < JOIN_PIN_BYTES; i++)
		out[i] = byte_of(digest + 2 * i);
	return 0;
}

void tls_name_write(char out[TLS_NAME_BYTES], const unsigned char pin[JOIN_PIN_BYTES])
{
	for (size_t i = 0; i < 8; i++)
		snprintf(out + 2 * i, 3, "%02x", pin[i]);
	strcpy(out + 16, ".kre");
}

/* ---- making one ---- */

static X509 *certify(EVP_PKEY *secret)
{
	static const unsigned char name[] = "kre-search";
	X509 *made = X509_new();
	if (!made)
		return NULL;
	X509_NAME *subject = X509_get_subject_name(made);
	bool fine = X509_set_version(made, X509_VERSION_3) && ASN1_INTEGER_set(X509_get_serialNumber(made), 1) &&
	            ASN1_TIME_set_string_X509(X509_getm_notBefore(made), "20000101000000Z") &&
	            ASN1_TIME_set_string_X509(X509_getm_notAfter(made), "99991231235959Z") &&
	            X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) &&
	            X509_set_issuer_name(made, subject) && X509_set_pubkey(made, secret) &&
	            X509_sign(made, secret, EVP_sha256()) > 0;
	if (fine)
		return made;
	X509_free(made);
	return NULL;
}

static int make_key(struct tls_key *out)
{
	struct tls_key key = {.secret = EVP_EC_gen("P-256")};
	if (key.secret)
		key.certificate = certify(key.secret);
	int rc = key.certificate ? tls_pin_of(key.pin, key.certificate) : -ENOMEM;
	if (rc < 0)
		key_finish(&key);
	else
		*out = key;
	return rc;
}

static int write_key(const char *path, const struct tls_key *key, struct error *error)
{
	BIO *text = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	int rc = text && PEM_write_bio_PrivateKey(text, key->secret, NULL, NULL, 0, NULL, NULL) &&
	                         PEM_write_bio_X509(text, key->certificate)
	                 ? 0
	                 : error_no_memory(error);
	if (rc == 0) {
		long length = BIO_get_mem_data(text, &bytes);
		rc = file_write_private(path, bytes, (size_t)length, error);
	}
	BIO_free(text);
	return rc;
}

static int make_folder(const char *folder, struct error *error)
{
	if (mkdir(folder, 0700) == 0 || errno == EEXIST)
		return 0;
	return error_set(error, -errno, "cannot make the folder %s: %s", folder, strerror(errno));
}

static int keep_key(struct tls_keys *keys, const struct tls_key *key, struct error *error)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%d.pem", keys->folder, keys->next);
	int rc = path.failed ? error_no_memory(error) : make_folder(keys->folder, error);
	if (rc == 0)
		rc = write_key(path.data, key, error);
	text_finish(&path);
	return rc;
}

int tls_keys_make(struct tls_keys *keys, struct error *error)
{
	struct tls_key key;
	if (keys->count == TLS_KEYS_MAX)
		return error_set(
		        error, -ENOSPC, "%s holds %d keys, and there is no room for more", keys->folder, TLS_KEYS_MAX);
	if (make_key(&key) < 0)
		return error_set(error, -ENOMEM, "a key could not be made");
	int rc = keep_key(keys, &key, error);
	if (rc < 0) {
		key_finish(&key);
		return rc;
	}
	keys->items[keys->count++] = key;
	keys->next++;
	return 0;
}

const unsigned char *tls_keys_pin(const struct tls_keys *keys)
{
	return keys->count ? keys->items[keys->count - 1].pin : NULL;
}

/* ---- reading them ---- */

static int read_key(struct tls_key *out, const char *path, struct error *error)
{
	char *bytes = NULL;
	size_t length;
	struct tls_key key = {0};
	int rc = file_read(&bytes, &length, path, error);
	if (rc < 0)
		return rc;
	BIO *text = BIO_new_mem_buf(bytes, (int)length);
	if (text) {
		key.secret = PEM_read_bio_PrivateKey(text, NULL, NULL, NULL);
		key.certificate = PEM_read_bio_X509(text, NULL, NULL, NULL);
	}
	BIO_free(text);
	OPENSSL_cleanse(bytes, length);
	memory_free(bytes);
	ERR_clear_error();
	if (!key.secret || !key.certificate || tls_pin_of(key.pin, key.certificate) < 0) {
		key_finish(&key);
		return error_set(error, -EINVAL, "%s holds no key of a daemon", path);
	}
	*out = key;
	return 0;
}

/* The number of "12.pem", −1 for another name. */
static int number_of(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);
	return end != name && strcmp(end, ".pem") == 0 && number >= 0 && number < 1000000 ? (int)number : -1;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static size_t find_numbers(int numbers[TLS_KEYS_MAX], const char *folder)
{
	DIR *walk = folder_walk(AT_FDCWD, folder);
	const char *name;
	size_t count = 0;
	while (walk && count < TLS_KEYS_MAX && (name = folder_next(walk)))
		if (number_of(name) >= 0)
			numbers[count++] = number_of(name);
	if (walk)
		closedir(walk);
	qsort(numbers, count, sizeof *numbers, compare);
	return count;
}

static int read_keys(struct tls_keys *keys, struct error *error)
{
	int numbers[TLS_KEYS_MAX], rc = 0;
	const size_t count = find_numbers(numbers, keys->folder);
	for (size_t i = 0; i < count && rc == 0; i++) {
		struct text path = TEXT_NULL;
		text_printf(&path, "%s/%d.pem", keys->folder, numbers[i]);
		rc = path.failed ? error_no_memory(error) : read_key(&keys->items[keys->count], path.data, error);
		text_finish(&path);
		keys->count += rc == 0;
		keys->next = numbers[i] + 1;
	}
	return rc;
}

int tls_keys_init(struct tls_keys *keys, const char *folder, struct error *error)
{
	*keys = (struct tls_keys){.folder = memory_strdup(folder), .next = 1};
	if (!keys->folder)
		return error_no_memory(error);
	return read_keys(keys, error);
}

void tls_keys_finish(struct tls_keys *keys)
{
	while (keys->count > 0)
		key_finish(&keys->items[--keys->count]);
	memory_free(keys->folder);
	*keys = (struct tls_keys){0};
}
