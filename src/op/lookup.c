#include "op/lookup.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "bag/index.h"
#include "base/file.h"
#include "base/path.h"

/* Instead of a number of files. */
#define TO_END SIZE_MAX

/* Trouble with the bundle only means that the index is of no use; other trouble is an error. */
static int unusable(int code)
{
    bool ours =
        code == SEALBAG_ERR_MEMORY || code == SEALBAG_ERR_CANCELLED || code == SEALBAG_ERR_SYSTEM;
    return ours ? code : 0;
}

/* That an index is of no use is not an error, and leaves none behind. */
static int answer(int r, struct sb_error *error)
{
    if (r >= 0 && error != NULL)
        *error = (struct sb_error){0};
    return r;
}

/* The list of entries has no order that counts. */
static int read_in_zip(struct sb_scan *scan, struct sb_lookup *lookup, const struct sb_file *files,
                       size_t count, const struct sb_sink *sink, struct sb_error *error)
{
    struct sb_scan_end end = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        if (!sb_reader_go_to(lookup->zip, files[i].at))
            return 0;
        r = sb_scan_some(scan, &end, lookup->zip, 1, sink, error);
    }
    if (r < 0)
        return end.sink_failed ? r : unusable(r);
    return 1;
}

/* Reads so many files from `at` on, or to the end of the tar. 1, 0 when it is not as it must be. */
static int read_files(struct sb_scan *scan, struct sb_lookup *lookup, uint64_t at, size_t count,
                      const struct sb_sink *sink, struct sb_error *error)
{
    struct sb_reader *reader;
    struct sb_scan_end end = {0};
    int r = sb_reader_open_at(&reader, lookup->seeker, at, error);
    if (r == 0)
        r = sb_scan_some(scan, &end, reader, count, sink, error);
    sb_reader_close(reader);
    if (r < 0)
        return end.sink_failed ? r : unusable(r);
    return end.ended == (count == TO_END);
}

int sb_lookup_index(struct sb_scan *scan, struct sb_lookup *lookup, struct sb_error *error)
{
    scan->keep_index = true;
    int r = read_files(scan, lookup, sb_seeker_pointer(lookup->seeker), TO_END, NULL, error);
    if (r <= 0)
        return r;
    return scan->inventory.count == 1 && scan->inventory.folder_count == 0 &&
           scan->kept_count == 1 && strcmp(scan->kept[0].path, SB_INDEX_TSV) == 0;
}

static bool is_payload(const struct sb_index_line *line)
{
    return line->path_len > 5 && memcmp(line->path, "data/", 5) == 0;
}

/* The order that sealbag writes: bagit.txt, the documents, all else. Finds where that begins. */
static bool find_tail(uint64_t *tail, struct sb_index_line *second, const struct sb_buf *index,
                      const char *name)
{
    struct sb_index_lines lines;
    struct sb_index_line line;
    int r;
    bool in_tail = false;
    *second = (struct sb_index_line){0};
    if (!sb_index_open(&lines, index->data, index->len, name) ||
        sb_index_next(&lines, &line) != 1 || line.offset != 0 ||
        line.path_len != strlen("bagit.txt") || memcmp(line.path, "bagit.txt", line.path_len) != 0)
        return false;
    while ((r = sb_index_next(&lines, &line)) > 0) {
        if (second->path == NULL)
            *second = line;
        if (is_payload(&line) && in_tail)
            return false;
        if (!is_payload(&line) && !in_tail) {
            in_tail = true;
            *tail = line.offset;
        }
    }
    return r == 0 && in_tail;
}

static bool line_is(const struct sb_index_line *line, const struct sb_file *file, const char *path)
{
    return line->offset == file->at && line->size == file->size && strcmp(path, file->path) == 0;
}

/* Goes through the index: what was read must be there exactly so; documents are taken over from it,
 * with the digests that the manifest lists. 1, or 0 when it is not right. */
static int take_index(struct sb_lookup *lookup, const struct sb_buf *index,
                      const struct sb_manifest *manifest, struct sb_error *error)
{
    struct sb_inventory *files = &lookup->judge->scan.inventory;
    size_t read = files->count; /* the tail's in their order, then bagit.txt */
    size_t next = read - 1;
    struct sb_index_lines lines;
    struct sb_index_line line;
    struct sb_buf path = {0};
    int r = sb_buf_reserve(&path, 0) < 0 ? sb_error_memory(error) : 1;
    int more = sb_index_open(&lines, index->data, index->len, lookup->judge->scan.top) ? 1 : -1;
    while (r == 1 && more > 0 && (more = sb_index_next(&lines, &line)) > 0) {
        path.len = 0;
        if (sb_path_decode(&path, line.path, line.path_len) < 0) {
            r = sb_error_memory(error);
        } else if (is_payload(&line)) {
            const char *name = (const char *)path.data;
            const struct sb_listed *listed = sb_manifest_find(manifest, name);
            r = listed != NULL && strlen(name) == path.len;
            if (r == 1 && sb_inventory_add(files, name, line.size, line.offset, listed->digest) < 0)
                r = sb_error_memory(error);
        } else {
            r = next < read && line_is(&line, &files->files[next], (const char *)path.data);
            next = next == read - 1 ? 0 : next + 1;
        }
    }
    sb_buf_free(&path);
    /* The last file of the tail is the index itself. */
    return r == 1 ? more == 0 && next + 2 == read : r;
}

/* bagit.txt, which starts the tar, and the header of what follows it: that of the index's second
 * line. So the tar begins and ends as the index says. 1, or 0 when it does not. */
static int read_head(struct sb_scan *scan, struct sb_lookup *lookup,
                     const struct sb_index_line *second, struct sb_error *error)
{
    struct sb_reader *reader;
    struct sb_scan_end end = {0};
    struct sb_entry entry = {0};
    struct sb_buf path = {0};
    int r = sb_reader_open_at(&reader, lookup->seeker, 0, error);
    if (r == 0)
        r = sb_scan_some(scan, &end, reader, 1, NULL, error);
    if (r == 0)
        r = sb_reader_next(reader, &entry, error);
    if (r > 0 && (sb_buf_printf(&path, "%s/", scan->top) < 0 ||
                  sb_path_decode(&path, second->path, second->path_len) < 0))
        r = sb_error_memory(error);
    if (r > 0)
        r = entry.path != NULL && !entry.folder && entry.at == second->offset &&
            entry.size == second->size && strcmp(entry.path, (const char *)path.data) == 0;
    sb_buf_free(&path);
    sb_reader_close(reader);
    return r < 0 ? unusable(r) : r;
}

/* The seal's, which is there if the bag's is of no use, or else the bag's. What is wrong with it is
 * said when it is judged. 1, or 0 when there is none. */
static int read_manifest(struct sb_manifest *manifest, const struct sb_scan *scan,
                         struct sb_error *error)
{
    static const char name[] = "manifest-sha256.txt";
    struct sb_findings ignored = {0};
    const struct sb_buf *own = sb_scan_kept(scan, name);
    const struct sb_buf *seals = sb_scan_kept(scan, SB_SEAL_MANIFEST);
    int r = 0;
    if (seals != NULL)
        r = sb_seal_manifest_parse(manifest, &ignored, seals->data, seals->len);
    else if (own != NULL)
        r = sb_manifest_parse(manifest, &ignored, name, own->data, own->len);
    sb_findings_free(&ignored);
    return r < 0 ? sb_error_memory(error) : own != NULL || seals != NULL;
}

static int take_lists(struct sb_lookup *lookup, const struct sb_buf *index, struct sb_error *error)
{
    struct sb_scan *scan = &lookup->judge->scan;
    struct sb_manifest manifest = {0};
    struct sb_index_line second;
    uint64_t tail = 0;
    int r = find_tail(&tail, &second, index, scan->top);
    if (r == 1)
        r = read_files(scan, lookup, tail, TO_END, NULL, error);
    if (r == 1)
        r = read_head(scan, lookup, &second, error);
    if (r == 1)
        r = scan->inventory.folder_count == 0 && scan->inventory.count >= 2;
    if (r == 1)
        r = read_manifest(&manifest, scan, error);
    if (r == 1)
        r = take_index(lookup, index, &manifest, error);
    sb_manifest_free(&manifest);
    sb_inventory_sort(&scan->inventory);
    scan->ended = r == 1;
    return r;
}

int sb_lookup_seek(struct sb_lookup *lookup, int fd, const struct sb_reader_options *options,
                   struct sb_error *error)
{
    struct sb_seek_options seek = {
        .limits = options->limits,
        .progress = options->progress,
        .progress_context = options->progress_context,
    };
    if (!sb_fd_rest(&seek.start, &seek.size, fd))
        return 0;
    int r = sb_seeker_open(&lookup->seeker, fd, &seek, error);
    return r == 0 ? 1 : unusable(r);
}

bool sb_lookup_is_zip(int fd)
{
    uint64_t start, size;
    uint8_t magic[4];
    return sb_fd_rest(&start, &size, fd) &&
           pread(fd, magic, sizeof(magic), (off_t)start) == (ssize_t)sizeof(magic) &&
           memcmp(magic, "PK\3\4", sizeof(magic)) == 0;
}

/* Documents have the digests that the manifest lists. 1, or 0 when it does not list all. */
static int take_digests(struct sb_scan *scan, struct sb_error *error)
{
    struct sb_inventory *files = &scan->inventory;
    struct sb_manifest manifest = {0};
    int r = read_manifest(&manifest, scan, error);
    for (size_t i = 0; r == 1 && i < files->count; i++) {
        if (files->files[i].part != SB_PART_PAYLOAD)
            continue;
        const struct sb_listed *listed = sb_manifest_find(&manifest, files->files[i].path);
        r = listed != NULL;
        if (r == 1)
            memcpy(files->files[i].digest, listed->digest, SB_DIGEST_SIZE);
    }
    sb_manifest_free(&manifest);
    return r;
}

/* All files but the documents are read; these are found by the list of entries. 1, or 0 when it is
 * no zip file, or not as it must be. */
static int open_zip(struct sb_lookup *lookup, int fd, const struct sb_reader_options *options,
                    struct sb_error *error)
{
    struct sb_scan *scan = &lookup->judge->scan;
    struct sb_reader_options reading = *options;
    struct sb_scan_end end = {0};
    uint64_t start;
    if (!sb_lookup_is_zip(fd) || !sb_fd_rest(&start, &reading.size, fd))
        return 0;
    scan->only_lists = true;
    int r = sb_reader_open(&lookup->zip, fd, &reading, error);
    if (r == 0)
        r = sb_scan_some(scan, &end, lookup->zip, TO_END, NULL, error);
    if (r < 0)
        return unusable(r);
    r = take_digests(scan, error);
    sb_inventory_sort(&scan->inventory);
    scan->packing = SB_PACKED_ZIP;
    scan->ended = r == 1;
    return r;
}

static int open_indexed(struct sb_lookup *lookup, struct sb_error *error)
{
    struct sb_scan index = {0};
    int r = sb_lookup_index(&index, lookup, error);
    if (r == 1) {
        lookup->judge->scan.top = index.top;
        index.top = NULL;
        r = take_lists(lookup, &index.kept[0].bytes, error);
    }
    sb_scan_free(&index);
    return r;
}

int sb_lookup_open(struct sb_lookup *lookup, struct sb_judge *judge, int fd,
                   const struct sb_reader_options *options, struct sb_error *error)
{
    lookup->judge = judge;
    int r = sb_lookup_seek(lookup, fd, options, error);
    if (r >= 0)
        r = r == 1 ? open_indexed(lookup, error) : open_zip(lookup, fd, options, error);
    if (r == 1) {
        int judged = sb_judge_content(judge, error);
        r = judged < 0 ? judged : judge->findings.exit_code == 0 && judge->seal_parsed;
    }
    return answer(r, error);
}

void sb_lookup_close(struct sb_lookup *lookup)
{
    sb_seeker_close(lookup->seeker);
    sb_reader_close(lookup->zip);
    *lookup = (struct sb_lookup){0};
}

static bool same_file(const struct sb_file *a, const struct sb_file *b)
{
    return strcmp(a->path, b->path) == 0 && a->size == b->size && a->at == b->at &&
           memcmp(a->digest, b->digest, SB_DIGEST_SIZE) == 0;
}

int sb_lookup_read(struct sb_lookup *lookup, const struct sb_file *files, size_t count,
                   const struct sb_sink *sink, struct sb_error *error)
{
    struct sb_scan scan = {.top = strdup(lookup->judge->scan.top)};
    int r = scan.top == NULL      ? sb_error_memory(error)
            : lookup->zip != NULL ? read_in_zip(&scan, lookup, files, count, sink, error)
                                  : read_files(&scan, lookup, files[0].at, count, sink, error);
    if (r == 1)
        r = scan.inventory.count == count;
    for (size_t i = 0; r == 1 && i < count; i++)
        r = same_file(&scan.inventory.files[i], &files[i]);
    sb_scan_free(&scan);
    return answer(r, error);
}
