#include "container/tar_write.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>

struct sb_tar_writer {
    struct archive *archive;
    struct archive_entry *entry;
    struct sb_tar_sink sink;
    struct sb_error *error; /* the current call's; filled by write_out */
    locale_t locale;
    int64_t mtime;
    uint64_t left; /* data bytes that the entry still needs */
    bool discard;  /* what libarchive writes is thrown away */
    bool failed;
};

static la_ssize_t write_out(struct archive *archive, void *context, const void *bytes, size_t len)
{
    struct sb_tar_writer *writer = context;
    if (!writer->discard &&
        writer->sink.write(writer->sink.context, bytes, len, writer->error) < 0) {
        writer->failed = true;
        archive_set_error(archive, -1, "write failed");
        return ARCHIVE_FATAL;
    }
    return (la_ssize_t)len;
}

/* Turns a result of libarchive into one of ours. Anything but OK counts: a warning here means that
 * a name or a size was not written as asked (references: ENOSPC may show only at the end). */
static int check(struct sb_tar_writer *writer, int result, struct sb_error *error)
{
    if (result == ARCHIVE_OK)
        return 0;
    if (writer->failed)
        return error != NULL ? error->code : SEALBAG_ERR_IO;
    const char *text = archive_error_string(writer->archive);
    char shown[512];
    return sb_error_set(
        error, SEALBAG_ERR_SYSTEM, "The archive library failed: %s.",
        sealbag_text_escape(shown, sizeof(shown), text != NULL ? text : "no reason"));
}

void sb_tar_writer_free(struct sb_tar_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->archive != NULL) {
        writer->discard = true;
        archive_write_free(writer->archive);
    }
    archive_entry_free(writer->entry);
    if (writer->locale != (locale_t)0)
        freelocale(writer->locale);
    free(writer);
}

int sb_tar_writer_new(struct sb_tar_writer **out, const struct sb_tar_sink *sink, int64_t mtime,
                      struct sb_error *error)
{
    *out = NULL;
    struct sb_tar_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL)
        return sb_error_memory(error);
    writer->sink = *sink;
    writer->mtime = mtime;
    int r = 0;
    /* libarchive writes names by the thread's locale; neither LC_ALL nor the caller's may matter.
     */
    writer->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (writer->locale == (locale_t)0) {
        r = sb_error_set(error, SEALBAG_ERR_SYSTEM,
                         "This system has no C.UTF-8 locale, so file names cannot be written "
                         "safely. Install the C library's locale data.");
    } else {
        writer->archive = archive_write_new();
        writer->entry = archive_entry_new();
        if (writer->archive == NULL || writer->entry == NULL)
            r = sb_error_memory(error);
    }
    /* pax_restricted writes an extended header only where ustar cannot say it. */
    if (r == 0)
        r = check(writer, archive_write_set_format_pax_restricted(writer->archive), error);
    if (r == 0)
        r = check(writer, archive_write_set_bytes_per_block(writer->archive, 0), error);
    if (r == 0)
        r = check(writer, archive_write_set_bytes_in_last_block(writer->archive, 1), error);
    if (r == 0)
        r = check(writer, archive_write_open(writer->archive, writer, NULL, write_out, NULL),
                  error);
    if (r < 0) {
        sb_tar_writer_free(writer);
        return r;
    }
    *out = writer;
    return 0;
}

int sb_tar_begin(struct sb_tar_writer *writer, const char *path, uint64_t size,
                 struct sb_error *error)
{
    if (size > INT64_MAX)
        return sb_error_set(error, SEALBAG_ERR_LIMIT, "A document is too large for a tar.");
    writer->sink.mark(writer->sink.context);
    struct archive_entry *entry = archive_entry_clear(writer->entry);
    locale_t before = uselocale(writer->locale);
    archive_entry_copy_pathname(entry, path);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_mtime(entry, (time_t)writer->mtime, 0);
    archive_entry_set_nlink(entry, 1);
    writer->error = error;
    int r = check(writer, archive_write_header(writer->archive, entry), error);
    uselocale(before);
    writer->left = size;
    return r;
}

int sb_tar_data(struct sb_tar_writer *writer, const void *bytes, size_t len, struct sb_error *error)
{
    /* libarchive cuts a longer write in silence. */
    if (len > writer->left)
        return sb_error_set(error, SEALBAG_ERR_CHANGED, "A document is longer than announced.");
    writer->error = error;
    la_ssize_t n = archive_write_data(writer->archive, bytes, len);
    if (n < 0)
        return check(writer, (int)n, error);
    if ((size_t)n != len)
        return sb_error_set(error, SEALBAG_ERR_SYSTEM, "The archive library wrote too little.");
    writer->left -= len;
    return 0;
}

int sb_tar_end(struct sb_tar_writer *writer, struct sb_error *error)
{
    /* libarchive would fill up with zeros in silence. */
    if (writer->left > 0)
        return sb_error_set(error, SEALBAG_ERR_CHANGED, "A document is shorter than announced.");
    writer->error = error;
    return check(writer, archive_write_finish_entry(writer->archive), error);
}

int sb_tar_take_back(struct sb_tar_writer *writer, struct sb_error *error)
{
    writer->discard = true;
    writer->error = error;
    int r = check(writer, archive_write_finish_entry(writer->archive), error);
    writer->discard = false;
    writer->left = 0;
    return r == 0 ? writer->sink.rewind(writer->sink.context, error) : r;
}

int sb_tar_add(struct sb_tar_writer *writer, const char *path, const void *bytes, size_t len,
               struct sb_error *error)
{
    int r = sb_tar_begin(writer, path, len, error);
    if (r == 0)
        r = sb_tar_data(writer, bytes, len, error);
    return r == 0 ? sb_tar_end(writer, error) : r;
}

int sb_tar_finish(struct sb_tar_writer *writer, struct sb_error *error)
{
    writer->error = error;
    return check(writer, archive_write_close(writer->archive), error);
}
