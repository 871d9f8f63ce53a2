/* The size that a record states, against the one that its document has. A table is often older than
 * the documents: who corrects one would sign a size that is no more. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "op/create_impl.h"

enum { SHOWN = 4100 };

void sb_create_write_extent(char out[SB_EXTENT_SIZE], uint64_t size)
{
    snprintf(out, SB_EXTENT_SIZE, "%" PRIu64 " %s", size, size == 1 ? "byte" : "bytes");
}

/* Whether a text is one that sb_create_write_extent writes, if also of a larger number. What people
 * write otherwise, such as "3 pages" or "1,204 bytes", is theirs. */
static bool is_extent(const char *text)
{
    size_t digits = 0;
    while (text[digits] >= '0' && text[digits] <= '9')
        digits++;
    if (digits == 0 || (text[0] == '0' && digits > 1))
        return false;
    return strcmp(text + digits, digits == 1 && text[0] == '1' ? " byte" : " bytes") == 0;
}

bool sb_create_check_extents(struct sb_metadata_faults *faults, const struct sb_create *create,
                             size_t column)
{
    const struct sb_metadata *table = &create->metadata;
    const struct sb_source *source = &create->source;
    const struct sb_inventory *read = &create->documents;
    bool any = false;
    for (size_t i = 0, file = 0; i < table->by_path_count; i++) {
        const struct sb_metadata_place *place = &table->by_path[i];
        const char *cell = sb_metadata_cell(table, place->row, column);
        char has[SB_EXTENT_SIZE], stated[SHOWN], path[SHOWN];
        if (cell == NULL || !is_extent(cell))
            continue;
        while (file < source->count &&
               sb_path_compare(source->files[file].bag_path, place->path) < 0)
            file++;
        /* Of a folder nobody knows what it is the size of. */
        if (file == source->count || strcmp(source->files[file].bag_path, place->path) != 0)
            continue;
        any = true;
        sb_create_write_extent(has, read->count == source->count ? read->files[file].size
                                                                 : source->files[file].size);
        if (strcmp(cell, has) == 0)
            continue;
        sb_metadata_fault(faults, table->rows[place->row].line,
                          "has \"%s\" in %s, but \"%s\" has %s. If it was changed since the table "
                          "was made, look at the whole row again; write its size, or leave the "
                          "cell empty.",
                          sealbag_text_escape(stated, sizeof(stated), cell), table->columns[column],
                          sealbag_text_escape(path, sizeof(path), place->path + strlen("data/")),
                          has);
    }
    return any;
}
