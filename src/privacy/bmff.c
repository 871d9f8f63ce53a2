/* ISO base media files (ISO/IEC 14496-12): MP4, QuickTime's MOV, and HEIC (23008-12). Boxes within
 * boxes; those that hold what people or cameras wrote are looked into. */
#include <stdio.h>
#include <string.h>

#include "privacy/bmff.h"
#include "privacy/bytes.h"

enum { DEPTH_MAX = 16, BOXES_MAX = 100000 };

bool sb_bmff_next(struct sb_box *box, const uint8_t **at, size_t *left)
{
    if (*left < 8)
        return false;
    uint64_t size = sb_be32(*at);
    size_t head = 8;
    if (size == 1) {
        if (*left < 16)
            return false;
        size = sb_be64(*at + 8);
        head = 16;
    } else if (size == 0) {
        size = *left; /* to the end */
    }
    if (size < head || size > *left)
        return false;
    box->type = sb_be32(*at + 4);
    box->data = *at + head;
    box->len = (size_t)size - head;
    *at += size;
    *left -= (size_t)size;
    return true;
}

struct reading {
    const struct sb_privacy_sink *sink;
    const uint8_t *bytes; /* the whole file */
    size_t len;
    size_t boxes;
    enum sb_privacy_result result;
};

static void note(struct reading *reading, enum sb_privacy_result result)
{
    reading->result = sb_privacy_worse(reading->result, result);
}

/* ---- what is written by people and cameras ------------------------------------------------ */

#define TYPE(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

enum { COPYRIGHT_SIGN = 0xa9 };

static const struct {
    uint32_t type;
    enum sb_privacy_rule rule;
    const char *field;
} atoms[] = {
    {TYPE(COPYRIGHT_SIGN, 'x', 'y', 'z'), SB_PRIVACY_LOCATION, "MP4 location (xyz)"},
    {TYPE(COPYRIGHT_SIGN, 'a', 'u', 't'), SB_PRIVACY_PERSON, "MP4 author"},
    {TYPE(COPYRIGHT_SIGN, 'A', 'R', 'T'), SB_PRIVACY_PERSON, "MP4 artist"},
    {TYPE(COPYRIGHT_SIGN, 'd', 'i', 'r'), SB_PRIVACY_PERSON, "MP4 director"},
    {TYPE(COPYRIGHT_SIGN, 'p', 'r', 'd'), SB_PRIVACY_PERSON, "MP4 producer"},
    {TYPE(COPYRIGHT_SIGN, 'w', 'r', 't'), SB_PRIVACY_PERSON, "MP4 writer"},
    {TYPE(COPYRIGHT_SIGN, 'c', 'p', 'y'), SB_PRIVACY_PERSON, "MP4 copyright"},
    {TYPE('a', 'A', 'R', 'T'), SB_PRIVACY_PERSON, "MP4 album artist"},
    {TYPE('a', 'u', 't', 'h'), SB_PRIVACY_PERSON, "MP4 author"},
    {TYPE('p', 'e', 'r', 'f'), SB_PRIVACY_PERSON, "MP4 performer"},
    {TYPE('c', 'p', 'r', 't'), SB_PRIVACY_PERSON, "MP4 copyright"},
    {TYPE('o', 'w', 'n', 'r'), SB_PRIVACY_PERSON, "MP4 owner"},
    {TYPE('a', 'p', 'I', 'D'), SB_PRIVACY_PERSON, "MP4 account"},
    {TYPE('l', 'o', 'c', 'i'), SB_PRIVACY_LOCATION, "MP4 location (loci)"},
};

static void take_text(const struct reading *reading, uint32_t type, const uint8_t *text, size_t len)
{
    char field[32];
    for (size_t i = 0; i < sizeof(atoms) / sizeof(atoms[0]); i++) {
        if (atoms[i].type == type) {
            sb_privacy_value(reading->sink, atoms[i].rule, atoms[i].field, text, len);
            return;
        }
    }
    uint32_t shown =
        (type >> 24 == COPYRIGHT_SIGN) ? (type & 0xffffff) | (uint32_t)'-' << 24 : type;
    snprintf(field, sizeof(field), "MP4 %c%c%c%c", (int)(shown >> 24), (int)(shown >> 16 & 0xff),
             (int)(shown >> 8 & 0xff), (int)(shown & 0xff));
    sb_privacy_scan(reading->sink, field, (const char *)text, len);
}

/* 3GPP TS 26.244, 8.10: version, flags, a language, a name, a role, then the place as numbers. */
static void take_place(const struct reading *reading, const uint8_t *data, size_t len)
{
    char text[80];
    size_t name = len > 6 ? strnlen((const char *)data + 6, len - 6) : 0;
    size_t at = 6 + name + 2;
    if (len < 8 || at > len || len - at < 8)
        return;
    int32_t longitude = (int32_t)sb_be32(data + at), latitude = (int32_t)sb_be32(data + at + 4);
    int n = snprintf(text, sizeof(text), "%.5f, %.5f", latitude / 65536.0, longitude / 65536.0);
    take_text(reading, TYPE('l', 'o', 'c', 'i'), (const uint8_t *)text, n > 0 ? (size_t)n : 0);
}

/* A user data box: QuickTime's international text (a length, a language), iTunes' "data" box, or
 * 3GPP's. */
static void take_atom(const struct reading *reading, const struct sb_box *box)
{
    const uint8_t *data = box->data;
    size_t len = box->len;
    struct sb_box inner;
    const uint8_t *at = data;
    size_t left = len;
    if (box->type == TYPE('l', 'o', 'c', 'i')) {
        take_place(reading, data, len);
    } else if (sb_bmff_next(&inner, &at, &left) && inner.type == TYPE('d', 'a', 't', 'a')) {
        if (inner.len > 8)
            take_text(reading, box->type, inner.data + 8, inner.len - 8);
    } else if (box->type >> 24 == COPYRIGHT_SIGN && len > 4 && sb_be16(data) <= len - 4) {
        take_text(reading, box->type, data + 4, sb_be16(data));
    } else if (len > 6 && memcmp(data, "\0\0\0\0", 4) == 0) {
        take_text(reading, box->type, data + 6, len - 6);
    } else {
        take_text(reading, box->type, data, len);
    }
}

/* ---- QuickTime's keys and their values ---------------------------------------------------- */

/* By what the key's name says. */
static void take_named(const struct reading *reading, const uint8_t *key, size_t key_len,
                       const uint8_t *value, size_t len)
{
    static const struct {
        const char *part;
        enum sb_privacy_rule rule;
    } parts[] = {
        {"location", SB_PRIVACY_LOCATION},    {"gps", SB_PRIVACY_LOCATION},
        {"author", SB_PRIVACY_PERSON},        {"artist", SB_PRIVACY_PERSON},
        {"director", SB_PRIVACY_PERSON},      {"producer", SB_PRIVACY_PERSON},
        {"copyright", SB_PRIVACY_PERSON},     {"owner", SB_PRIVACY_PERSON},
        {"serial", SB_PRIVACY_SERIAL_NUMBER}, {"publisher", SB_PRIVACY_ORGANISATION},
    };
    char name[80], field[100];
    snprintf(name, sizeof(name), "%.*s", (int)(key_len < 79 ? key_len : 79), (const char *)key);
    snprintf(field, sizeof(field), "MP4 %s", name);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        /* How exact a place is tells nothing about it. */
        if (strstr(name, parts[i].part) != NULL && strstr(name, "accuracy") == NULL) {
            sb_privacy_value(reading->sink, parts[i].rule, field, value, len);
            return;
        }
    }
    sb_privacy_scan(reading->sink, field, (const char *)value, len);
}

/* QuickTime File Format, "Metadata": "keys" has the names, and the n-th box type in "ilst" is the
 * number of one. */
static void take_keys(const struct reading *reading, const struct sb_box *keys,
                      const struct sb_box *list)
{
    const uint8_t *at = list->data;
    size_t left = list->len;
    struct sb_box item;
    while (sb_bmff_next(&item, &at, &left)) {
        const uint8_t *key = keys->data + 8, *value = item.data;
        size_t keys_left = keys->len - 8, value_left = item.len;
        struct sb_box name, data;
        uint32_t number = 0;
        while (number < item.type && sb_bmff_next(&name, &key, &keys_left))
            number++;
        if (number == 0 || number != item.type || !sb_bmff_next(&data, &value, &value_left) ||
            data.len < 8)
            continue;
        take_named(reading, name.data, name.len, data.data + 8, data.len - 8);
    }
}

/* iTunes' own fields: "----" with mean, name and data. */
static void take_own(const struct reading *reading, const struct sb_box *box)
{
    const uint8_t *at = box->data;
    size_t left = box->len;
    struct sb_box part, name = {0}, data = {0};
    while (sb_bmff_next(&part, &at, &left)) {
        if (part.type == TYPE('n', 'a', 'm', 'e') && part.len > 4)
            name = part;
        if (part.type == TYPE('d', 'a', 't', 'a') && part.len > 8)
            data = part;
    }
    if (name.len > 4 && data.len > 8)
        take_named(reading, name.data + 4, name.len - 4, data.data + 8, data.len - 8);
}

static void take_list(const struct reading *reading, const struct sb_box *list)
{
    const uint8_t *at = list->data;
    size_t left = list->len;
    struct sb_box item;
    while (sb_bmff_next(&item, &at, &left)) {
        if (item.type == TYPE('-', '-', '-', '-'))
            take_own(reading, &item);
        else
            take_atom(reading, &item);
    }
}

/* A meta box has a version and flags before its boxes; in QuickTime's it has none. */
static void take_meta(struct reading *reading, const struct sb_box *meta)
{
    const uint8_t *at = meta->data;
    size_t left = meta->len;
    struct sb_box box, keys = {0}, list = {0};
    if (left >= 8 && sb_be32(at) == 0) {
        at += 4;
        left -= 4;
    }
    struct sb_box whole = {.type = meta->type, .data = at, .len = left};
    while (sb_bmff_next(&box, &at, &left)) {
        if (box.type == TYPE('k', 'e', 'y', 's') && box.len >= 8)
            keys = box;
        if (box.type == TYPE('i', 'l', 's', 't'))
            list = box;
    }
    if (list.data != NULL && keys.data != NULL)
        take_keys(reading, &keys, &list);
    else if (list.data != NULL)
        take_list(reading, &list);
    note(reading, sb_bmff_items(reading->sink, reading->bytes, reading->len, &whole));
    if (left > 0)
        note(reading, SB_PRIVACY_MALFORMED);
}

/* ---- boxes -------------------------------------------------------------------------------- */

static void take_user_data(struct reading *reading, const struct sb_box *user)
{
    const uint8_t *at = user->data;
    size_t left = user->len;
    struct sb_box box;
    while (sb_bmff_next(&box, &at, &left)) {
        if (box.type == TYPE('m', 'e', 't', 'a'))
            take_meta(reading, &box);
        else if (box.type == TYPE('X', 'M', 'P', '_'))
            note(reading, sb_privacy_xml(reading->sink, SB_XML_XMP, box.data, box.len));
        else
            take_atom(reading, &box);
    }
    /* QuickTime ends the list with four zeros. */
    if (left > 4)
        note(reading, SB_PRIVACY_MALFORMED);
}

static void read_boxes(struct reading *reading, const uint8_t *at, size_t left, unsigned depth)
{
    static const uint8_t xmp[16] = {0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8,
                                    0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac};
    struct sb_box box;
    while (sb_bmff_next(&box, &at, &left)) {
        if (++reading->boxes > BOXES_MAX || depth > DEPTH_MAX) {
            note(reading, SB_PRIVACY_LIMIT);
            return;
        }
        switch (box.type) {
        case TYPE('m', 'o', 'o', 'v'):
        case TYPE('t', 'r', 'a', 'k'):
        case TYPE('m', 'o', 'o', 'f'):
        case TYPE('t', 'r', 'a', 'f'):
            read_boxes(reading, box.data, box.len, depth + 1);
            break;
        case TYPE('u', 'd', 't', 'a'):
            take_user_data(reading, &box);
            break;
        case TYPE('m', 'e', 't', 'a'):
            take_meta(reading, &box);
            break;
        case TYPE('u', 'u', 'i', 'd'):
            if (box.len > 16 && memcmp(box.data, xmp, 16) == 0)
                note(reading,
                     sb_privacy_xml(reading->sink, SB_XML_XMP, box.data + 16, box.len - 16));
            break;
        default:
            break;
        }
    }
    if (left > 0 && !(depth > 0 && left == 4))
        note(reading, SB_PRIVACY_MALFORMED);
}

enum sb_privacy_result sb_privacy_bmff(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len)
{
    struct reading reading = {.sink = sink, .bytes = bytes, .len = len};
    read_boxes(&reading, bytes, len, 0);
    return reading.result;
}
