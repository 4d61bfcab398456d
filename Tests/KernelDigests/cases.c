#include "cases.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    char name[160];
    const char *set;
    uint64_t random;
    size_t used;
} current;

static _Alignas(MAE_ALIGNMENT) float memory[1 << 22];

/* FNV-1a over 32-bit words. */
static unsigned __int128 absorb(unsigned __int128 digest, uint32_t word) {
    const unsigned __int128 prime = ((unsigned __int128)1 << 88) + 0x13B;
    return (digest ^ word) * prime;
}

static unsigned __int128 empty_digest(void) {
    return (unsigned __int128)0x6C62272E07BB0142 << 64 | 0x62B821756295C58D;
}

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void begin_case(const char *set, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(current.name, sizeof current.name, format, arguments);
    va_end(arguments);
    unsigned __int128 seed = empty_digest();
    for (const char *letter = current.name; *letter; letter++) seed = absorb(seed, (unsigned char)*letter);
    current.set = set;
    current.random = (uint64_t)(seed ^ seed >> 64);
    current.used = 0;
}

static float *take(size_t count) {
    const size_t line = MAE_ALIGNMENT / sizeof(float);
    size_t first = current.used, capacity = sizeof memory / sizeof *memory;
    if (count > capacity - first - line) {
        fprintf(stderr, "%s needs more memory than there is\n", current.name);
        exit(70);
    }
    current.used = (first + count + line - 1) / line * line;
    return memory + first;
}

static float *filled(size_t count, uint32_t bits) {
    float *values = take(count);
    for (size_t i = 0; i < count; i++) values[i] = float_of(bits);
    return values;
}

float *scratch(size_t count) { return filled(count, 0x7FABCDEF); }
float *results(size_t count) { return filled(count, 0x6B5A4D3C); }

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t next_random(void) {
    current.random += 0x9E3779B97F4A7C15;
    uint64_t mixed = current.random;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    return mixed ^ mixed >> 31;
}

/* 2^-22 times an integer of 24 bits: every step is exact. */
static float plain_number(void) { return (float)((int32_t)(next_random() >> 40) - (1 << 23)) * 0x1p-22f; }

static float special_number(void) {
    static const uint32_t patterns[] = {
        0x7FC00000, 0x7FA00000, 0x7F800000, 0xFF800000, 0x00000000, 0x80000000, 0x00000001, 0x80000001,
        0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x3F800000, 0xBF800000, 0x1E3CE508, 0x60AD78EC};
    const size_t count = sizeof patterns / sizeof *patterns;
    size_t choice = next_random() % (count + 5);
    return float_of(choice < count ? patterns[choice] : (uint32_t)next_random());
}

static float near(uint32_t lowest_exponent) {
    uint64_t random = next_random();
    uint32_t sign = (uint32_t)(random & 1) << 31, exponent = lowest_exponent + (random >> 1) % 11;
    uint32_t cleared = UINT32_MAX << (random >> 8) % 21, mantissa = random >> 32 & 0x7FFFFF & cleared;
    return float_of(sign | exponent << 23 | mantissa);
}

static float number(enum numbers kind) {
    switch (kind) {
    case RARE: return next_random() % 40 == 0 ? special_number() : plain_number();
    case DENSE: return next_random() % 2 == 0 ? special_number() : plain_number();
    case CANCELLING: return near(122);
    case TINY: return near(47);
    default: return plain_number();
    }
}

float *numbers(enum numbers kind, size_t count) {
    float *values = take(count);
    for (size_t i = 0; i < count; i++) values[i] = number(kind);
    return values;
}

void end_case(const float *values, size_t count) {
    unsigned __int128 digest = empty_digest();
    for (size_t i = 0; i < count; i++) {
        bool is_nan = values[i] != values[i];
        digest = absorb(digest, is_nan ? 0x7FC00000 : bits_of(values[i]));
    }
    printf("%s %s %016llx%016llx\n", current.set, current.name, (unsigned long long)(digest >> 64),
        (unsigned long long)digest);
}
