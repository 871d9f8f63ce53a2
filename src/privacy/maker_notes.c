#define _GNU_SOURCE /* strcasestr */
/* Camera makers write serial numbers and owners' names into EXIF in ways of their own: libexif
 * knows them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libexif/exif-data.h>

#include "privacy/privacy.h"

static bool holds(const char *name, const char *word)
{
    return name != NULL && strcasestr(name, word) != NULL;
}

static void take_notes(const struct sb_privacy_sink *sink, ExifMnoteData *notes)
{
    unsigned count = exif_mnote_data_count(notes);
    for (unsigned i = 0; i < count; i++) {
        char text[200] = "";
        const char *name = exif_mnote_data_get_name(notes, i);
        bool serial = holds(name, "Serial") && !holds(name, "Format");
        if ((!serial && !holds(name, "Owner")) ||
            exif_mnote_data_get_value(notes, i, text, sizeof(text)) == NULL)
            continue;
        text[sizeof(text) - 1] = 0;
        char field[80] = "EXIF maker note ";
        strncat(field, name, sizeof(field) - strlen(field) - 1);
        sb_privacy_value(sink, serial ? SB_PRIVACY_SERIAL_NUMBER : SB_PRIVACY_PERSON, field, text,
                         strlen(text));
    }
}

void sb_privacy_maker_notes(const struct sb_privacy_sink *sink, const uint8_t *bytes, size_t len)
{
    /* It takes no more than a JPEG's segment holds. */
    static const uint8_t head[] = {'E', 'x', 'i', 'f', 0, 0};
    size_t most = 0xfffe - sizeof(head);
    size_t n = len < most ? len : most;
    uint8_t *exif = malloc(sizeof(head) + n);
    ExifData *data = exif != NULL ? exif_data_new() : NULL;
    if (data != NULL) {
        sb_privacy_use_library(sink);
        memcpy(exif, head, sizeof(head));
        memcpy(exif + sizeof(head), bytes, n);
        exif_data_load_data(data, exif, (unsigned)(sizeof(head) + n));
        ExifMnoteData *notes = exif_data_get_mnote_data(data);
        if (notes != NULL)
            take_notes(sink, notes);
        exif_data_unref(data);
    }
    free(exif);
}
