/* SPDX-License-Identifier: MIT */
/*
 * digest: SHA-256, whose steps and names are those of FIPS 180-4. What it has read is wiped from
 * its own memory.
 */
#include "base/digest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"

#define BLOCK 64 /* bytes */
#define WORDS 8
#define DIGITS 64
#define LENGTH_AT (BLOCK - 8) /* the last block ends with the number of bits */

static const uint32_t k[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
    0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74,
    0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3,
    0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354,
    0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3,
    0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa,
    0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t
rotr(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static void
schedule(uint32_t w[64], const unsigned char block[BLOCK])
{
	for (size_t t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
		    (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (size_t t = 16; t < 64; t++) {
		uint32_t s0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
		uint32_t s1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ w[t - 2] >> 10;

		w[t] = s1 + w[t - 7] + s0 + w[t - 16];
	}
}

static void
add_block(uint32_t hash[WORDS], const unsigned char block[BLOCK])
{
	uint32_t w[64], v[WORDS];

	schedule(w, block);
	memcpy(v, hash, sizeof(v));
	for (size_t t = 0; t < 64; t++) {
		uint32_t s1 = rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25);
		uint32_t s0 = rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22);
		uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[t] + w[t];
		uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, (WORDS - 1) * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (size_t i = 0; i < WORDS; i++)
		hash[i] += v[i];
	sk_secret_wipe(w, sizeof(w));
}

char *
sk_digest(const char *text)
{
	uint32_t hash[WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
	    0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	size_t n = strlen(text), whole = n / BLOCK * BLOCK, rest = n - whole;
	unsigned char end[2 * BLOCK] = {0};
	size_t blocks = rest < LENGTH_AT ? 1 : 2;
	char *digits = sk_mem_zero(DIGITS + 1, 1);

	for (size_t i = 0; i < whole; i += BLOCK)
		add_block(hash, (const unsigned char *)text + i);
	memcpy(end, text + whole, rest);
	end[rest] = 0x80;
	for (size_t i = 0; i < 8; i++)
		end[blocks * BLOCK - 1 - i] = (unsigned char)((uint64_t)n * 8 >> 8 * i);
	for (size_t i = 0; i < blocks; i++)
		add_block(hash, end + i * BLOCK);
	for (size_t i = 0; i < WORDS; i++)
		snprintf(digits + 8 * i, 9, "%08lx", (unsigned long)hash[i]);
	sk_secret_wipe(end, sizeof(end));
	return digits;
}

/* Digests have one length, and nobody can choose where they differ. */
bool
sk_digest_equal(const char *a, const char *b)
{
	char *first = sk_digest(a), *second = sk_digest(b);
	volatile unsigned char differ = 0;

	for (size_t i = 0; first[i] != '\0'; i++)
		differ |= (unsigned char)(first[i] ^ second[i]);
	sk_secret_free(first);
	sk_secret_free(second);
	return differ == 0;
}
