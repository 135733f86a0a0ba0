#include "queue/leaf.h"

#include "base/memory.h"
#include "queue/database.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE = DATABASE_PAGE_BYTES,
    FIRST_PAGE_HEADER = 100, /* of the file, in front of the page's own */
    LEAF_OF_TABLE = 0x0d,
    MOST_LOCAL = PAGE - 35,
    LEAST_LOCAL = (PAGE - 12) * 32 / 255 - 23,
    LARGEST_RECORD = 16 * 1024 * 1024,
};

/* What is left of some bytes. */
struct span {
    const unsigned char *at;
    size_t left;
};

static uint64_t big_endian(const unsigned char *bytes, size_t count)
{
    uint64_t number = 0;
    for (size_t i = 0; i < count; i++)
        number = number << 8U | bytes[i];
    return number;
}

/* Seven bits a byte, the highest first; a ninth byte has eight. */
static bool take_varint(struct span *span, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < 9 && i < span->left; i++) {
        unsigned char byte = span->at[i];
        *number = i == 8 ? *number << 8U | byte : *number << 7U | (byte & 0x7fU);
        if (i == 8 || !(byte & 0x80U)) {
            span->at += i + 1;
            span->left -= i + 1;
            return true;
        }
    }
    return false;
}

static const unsigned char *page_of(const struct leaf_file *file, size_t page)
{
    return page >= 1 && page <= file->page_count ? file->bytes + (page - 1) * PAGE : NULL;
}

static size_t header_of(size_t page)
{
    return page == 1 ? FIRST_PAGE_HEADER : 0;
}

size_t leaf_rows(const struct leaf_file *file, size_t page)
{
    enum { HEADER = 8, POINTER = 2 };
    const unsigned char *bytes = page_of(file, page);
    size_t header = header_of(page);
    if (!bytes || bytes[header] != LEAF_OF_TABLE)
        return 0;
    size_t count = big_endian(bytes + header + 3, 2);
    return header + HEADER + count * POINTER <= PAGE ? count : 0;
}

/* The cell that a pointer leads to, up to the end of the page. */
static bool find_cell(const struct leaf_file *file, size_t page, size_t index, struct span *cell)
{
    enum { HEADER = 8, POINTER = 2 };
    const unsigned char *bytes = page_of(file, page);
    size_t count = leaf_rows(file, page);
    if (index >= count)
        return false;
    size_t pointers = header_of(page) + HEADER;
    size_t start = big_endian(bytes + pointers + index * POINTER, 2);
    *cell = (struct span){ bytes + start, PAGE - start };
    return start >= pointers + count * POINTER && start < PAGE;
}

static size_t local_bytes(size_t size)
{
    if (size <= MOST_LOCAL)
        return size;
    size_t local = LEAST_LOCAL + (size - LEAST_LOCAL) % (PAGE - 4);
    return local <= MOST_LOCAL ? local : LEAST_LOCAL;
}

/* The rest of a record, from pages of their own. The last one must know that it is. */
static bool follow(const struct leaf_file *file, size_t next, unsigned char *record, size_t left)
{
    enum { LINK = 4 };
    while (left > 0) {
        const unsigned char *bytes = page_of(file, next);
        size_t part = left < PAGE - LINK ? left : PAGE - LINK;
        if (!bytes)
            return false;
        memcpy(record, bytes + LINK, part);
        record += part;
        left -= part;
        next = big_endian(bytes, LINK);
    }
    return next == 0;
}

static bool take_record(const struct leaf_file *file, struct span *cell, struct leaf_row *row)
{
    uint64_t size = 0, rowid = 0;
    if (!take_varint(cell, &size) || !take_varint(cell, &rowid) || size > LARGEST_RECORD ||
        size > file->page_count * PAGE)
        return false;
    size_t local = local_bytes(size);
    if (cell->left < local + (local < size ? 4 : 0))
        return false;

    memcpy(&row->rowid, &rowid, sizeof rowid);
    row->record = xcalloc(size + 1, 1);
    row->record_bytes = size;
    memcpy(row->record, cell->at, local);
    return local == size ||
           follow(file, big_endian(cell->at + local, 4), row->record + local, size - local);
}

static int64_t integer(const unsigned char *bytes, size_t count)
{
    uint64_t number = big_endian(bytes, count);
    if (count > 0 && count < 8 && bytes[0] & 0x80U)
        number |= UINT64_MAX << (8 * count);
    int64_t result = 0;
    memcpy(&result, &number, sizeof result);
    return result;
}

/* Bytes of a value of this type; see the format's section 2.1. */
static size_t length_of(uint64_t type)
{
    static const unsigned char lengths[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };
    return type < sizeof lengths ? lengths[type] : (size_t)(type - 12) / 2;
}

static bool take_value(struct span *values, uint64_t type, struct leaf_value *value)
{
    enum { REAL = 7, ZERO = 8, ONE = 9, FIRST_LONG = 12 };
    size_t length = length_of(type);
    if (length > values->left)
        return false;
    *value = (struct leaf_value){ .type = LEAF_OTHER, .length = length };
    if (type == 0)
        value->type = LEAF_NULL;
    else if (type < REAL || type == ZERO || type == ONE)
        value->type = LEAF_INTEGER;
    else if (type > FIRST_LONG && type % 2 == 1)
        value->type = LEAF_TEXT;
    value->number = type == ONE ? 1 : type < REAL ? integer(values->at, length) : 0;
    value->bytes = (const char *)values->at;
    values->at += length;
    values->left -= length;
    return true;
}

/* Types and values must fill the record exactly. */
static bool take_values(struct leaf_row *row)
{
    struct span whole = { row->record, row->record_bytes };
    uint64_t header = 0, type = 0;
    if (!take_varint(&whole, &header) || header > row->record_bytes)
        return false;
    size_t own = row->record_bytes - whole.left;
    if (header < own)
        return false;

    struct span types = { whole.at, header - own };
    struct span values = { row->record + header, row->record_bytes - header };
    while (types.left > 0)
        if (row->value_count == LEAF_MOST_VALUES || !take_varint(&types, &type) ||
            !take_value(&values, type, &row->values[row->value_count++]))
            return false;
    return values.left == 0;
}

bool leaf_read(const struct leaf_file *file, size_t page, size_t index, struct leaf_row *row)
{
    struct span cell;
    *row = (struct leaf_row){ 0 };
    if (find_cell(file, page, index, &cell) && take_record(file, &cell, row) && take_values(row))
        return true;
    leaf_row_clear(row);
    return false;
}

void leaf_row_clear(struct leaf_row *row)
{
    free(row->record);
    *row = (struct leaf_row){ 0 };
}
