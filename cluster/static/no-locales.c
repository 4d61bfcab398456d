// The data of a Unicode library without any: 40 MB less in each program that Foundation is linked into.
//
// Foundation asks these data for names, formats and rules of languages and countries, which our programs never do: they write
// JSON, ISO 8601 and plain numbers. A question that is asked all the same is answered with "no such data".
//
// The layout is that of ICU's own `stubdata.cpp`: a header, and a table of contents that is empty. LOCALE_DATA is the symbol
// that the toolchain's Foundation looks for, such as icudt76_dat.

#include <stdint.h>

const struct {
    uint16_t header_size;
    uint8_t magic[2];
    struct {
        uint16_t size;
        uint16_t reserved;
        uint8_t is_big_endian;
        uint8_t charset;
        uint8_t unit_size;
        uint8_t reserved_byte;
        uint8_t format[4];
        uint8_t format_version[4];
        uint8_t data_version[4];
    } information;
    uint8_t padding[8];
    uint32_t entry_count;
    uint32_t reserved;
    uint64_t contents[2];
} LOCALE_DATA __attribute__((aligned(16))) = {
    32, {0xda, 0x27}, {20, 0, 0, 0, 2, 0, {'T', 'o', 'C', 'P'}, {1, 0, 0, 0}, {0, 0, 0, 0}}, {0}, 0, 0, {0, 0},
};
