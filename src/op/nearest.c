#include "op/nearest.h"

#include <stdlib.h>
#include <string.h>

#include "bag/twins.h"
#include "base/path.h"

static size_t count_parts(const char *path)
{
    size_t count = 1;
    for (; *path != 0; path++)
        count += *path == '/';
    return count;
}

static const char *last_parts(const char *path, size_t have, size_t wanted)
{
    for (; have > wanted; have--)
        path = strchr(path, '/') + 1;
    return path;
}

static bool end_alike(const char *a, const char *b)
{
    size_t in_a = count_parts(a), in_b = count_parts(b);
    size_t both = in_a < in_b ? in_a : in_b;
    return sb_twins_same(last_parts(a, in_a, both), last_parts(b, in_b, both));
}

const char *sb_nearest_document(const struct sb_source *source, const char *path)
{
    const char *found = NULL;
    if (strlen(path) >= SB_PATH_MAX) /* a cell, and no path */
        return NULL;
    char *slashed = strdup(strncmp(path, "./", 2) == 0 ? path + 2 : path);
    if (slashed == NULL)
        return NULL;
    for (size_t len = strlen(slashed); len > 0 && slashed[len - 1] == ' '; len--)
        slashed[len - 1] = 0;
    for (char *c = slashed; *c != 0; c++)
        *c = *c == '\\' ? '/' : *c;
    for (size_t i = 0; i < source->count; i++) {
        if (!end_alike(source->files[i].bag_path + strlen("data/"), slashed))
            continue;
        if (found != NULL) {
            found = NULL;
            break;
        }
        found = source->files[i].bag_path;
    }
    free(slashed);
    return found;
}
