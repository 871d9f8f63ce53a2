#define _GNU_SOURCE /* memmem */
/* PDF (ISO 32000-2): the document information, its XMP, and who commented, read by libqpdf.
 *
 * libqpdf brings libraries that do much as soon as they are loaded, and that end the process when
 * they cannot: so it is loaded only in the process that is to read files, before it is locked in.
 */
#include "privacy/pdf.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <qpdf/qpdf-c.h>

#include "privacy/privacy.h"

enum { PAGES_MAX = 2000, NOTES_MAX = 1000, MORE_MAX = 100, VERSIONS_MAX = 16 };

/* The functions that are used, by their types in qpdf-c.h. */
#define FUNCTIONS(X)                                                                               \
    X(qpdf_init)                                                                                   \
    X(qpdf_cleanup)                                                                                \
    X(qpdf_silence_errors)                                                                         \
    X(qpdf_set_suppress_warnings)                                                                  \
    X(qpdf_read_memory)                                                                            \
    X(qpdf_has_error)                                                                              \
    X(qpdf_get_error)                                                                              \
    X(qpdf_get_error_code)                                                                         \
    X(qpdf_more_warnings)                                                                          \
    X(qpdf_get_trailer)                                                                            \
    X(qpdf_get_root)                                                                               \
    X(qpdf_get_num_pages)                                                                          \
    X(qpdf_get_page_n)                                                                             \
    X(qpdf_oh_begin_dict_key_iter)                                                                 \
    X(qpdf_oh_dict_more_keys)                                                                      \
    X(qpdf_oh_dict_next_key)                                                                       \
    X(qpdf_oh_get_key)                                                                             \
    X(qpdf_oh_is_dictionary)                                                                       \
    X(qpdf_oh_is_array)                                                                            \
    X(qpdf_oh_is_stream)                                                                           \
    X(qpdf_oh_is_string)                                                                           \
    X(qpdf_oh_is_name)                                                                             \
    X(qpdf_oh_get_name)                                                                            \
    X(qpdf_oh_get_utf8_value)                                                                      \
    X(qpdf_oh_get_array_n_items)                                                                   \
    X(qpdf_oh_get_array_item)                                                                      \
    X(qpdf_oh_get_stream_data)                                                                     \
    X(qpdf_oh_release_all)

struct functions {
#define MEMBER(name) __typeof__ (&(name))(name);
    FUNCTIONS(MEMBER)
#undef MEMBER
};

/* Every call asks the loader again, which has the library already. */
static bool get_functions(struct functions *out)
{
    void *library = dlopen(SEALBAG_QPDF, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return false;
        /* POSIX: a function's address is told as that of an object. */
#define GET(name)                                                                                  \
    void *at_##name = dlsym(library, #name);                                                       \
    memcpy(&out->name, &at_##name, sizeof(at_##name));                                             \
    if (at_##name == NULL)                                                                         \
        return false;
    FUNCTIONS(GET)
#undef GET
    return true;
}

void sb_pdf_load(void)
{
    struct functions unused;
    (void)get_functions(&unused); /* without it, PDF files cannot be examined, and that is said */
}

/* ---- one file ---------------------------------------------------------------------------- */

struct pdf {
    const struct sb_privacy_sink *sink;
    struct functions call;
    qpdf_data qpdf;
};

static qpdf_oh get(const struct pdf *pdf, qpdf_oh from, const char *key)
{
    return pdf->call.qpdf_oh_get_key(pdf->qpdf, from, key);
}

/* Table 349: /Author is what it says; the programs' names are not, but may hold a path. */
static void take_info(const struct pdf *pdf, qpdf_oh info)
{
    if (!pdf->call.qpdf_oh_is_dictionary(pdf->qpdf, info))
        return;
    size_t count = 0;
    pdf->call.qpdf_oh_begin_dict_key_iter(pdf->qpdf, info);
    while (count++ < MORE_MAX && pdf->call.qpdf_oh_dict_more_keys(pdf->qpdf)) {
        const char *key = pdf->call.qpdf_oh_dict_next_key(pdf->qpdf);
        qpdf_oh value = get(pdf, info, key);
        if (!pdf->call.qpdf_oh_is_string(pdf->qpdf, value))
            continue;
        char field[60] = "PDF ";
        strncat(field, key[0] == '/' ? key + 1 : key, 50);
        const char *text = pdf->call.qpdf_oh_get_utf8_value(pdf->qpdf, value);
        if (strcmp(key, "/Author") == 0 || strcmp(key, "/Manager") == 0)
            sb_privacy_value(pdf->sink, SB_PRIVACY_PERSON, field, text, strlen(text));
        else if (strcmp(key, "/Company") == 0)
            sb_privacy_value(pdf->sink, SB_PRIVACY_ORGANISATION, field, text, strlen(text));
        else
            sb_privacy_scan(pdf->sink, field, text, strlen(text));
    }
}

static enum sb_privacy_result take_xmp(const struct pdf *pdf, qpdf_oh stream)
{
    unsigned char *bytes = NULL;
    size_t len = 0;
    QPDF_BOOL filtered;
    if (!pdf->call.qpdf_oh_is_stream(pdf->qpdf, stream))
        return SB_PRIVACY_EXAMINED;
    QPDF_ERROR_CODE code = pdf->call.qpdf_oh_get_stream_data(pdf->qpdf, stream, qpdf_dl_generalized,
                                                             &filtered, &bytes, &len);
    enum sb_privacy_result r = (code & QPDF_ERRORS) != 0 || bytes == NULL
                                   ? SB_PRIVACY_MALFORMED
                                   : sb_privacy_xml(pdf->sink, SB_XML_XMP, bytes, len);
    free(bytes);
    return r;
}

static void take_string(const struct pdf *pdf, qpdf_oh from, const char *key,
                        enum sb_privacy_rule rule, const char *field)
{
    qpdf_oh value = get(pdf, from, key);
    if (!pdf->call.qpdf_oh_is_string(pdf->qpdf, value))
        return;
    const char *text = pdf->call.qpdf_oh_get_utf8_value(pdf->qpdf, value);
    sb_privacy_value(pdf->sink, rule, field, text, strlen(text));
}

/* 12.8.1: the value of a field that is signed, which its parent can have. The certificate in it is
 * not read. */
static void take_signature(const struct pdf *pdf, qpdf_oh field)
{
    qpdf_oh value = get(pdf, field, "/V"), parent = get(pdf, field, "/Parent");
    if (!pdf->call.qpdf_oh_is_dictionary(pdf->qpdf, value) &&
        pdf->call.qpdf_oh_is_dictionary(pdf->qpdf, parent))
        value = get(pdf, parent, "/V");
    if (!pdf->call.qpdf_oh_is_dictionary(pdf->qpdf, value))
        return;
    take_string(pdf, value, "/Name", SB_PRIVACY_PERSON, "PDF signature");
    take_string(pdf, value, "/ContactInfo", SB_PRIVACY_PERSON, "PDF signature's contact");
    take_string(pdf, value, "/Location", SB_PRIVACY_LOCATION, "PDF signature's place");
}

/* 12.5.6.2: who made a comment is /T. A form's field and a link have other uses for it. */
static void take_note(const struct pdf *pdf, qpdf_oh note)
{
    if (!pdf->call.qpdf_oh_is_dictionary(pdf->qpdf, note))
        return;
    qpdf_oh kind = get(pdf, note, "/Subtype");
    const char *name = pdf->call.qpdf_oh_is_name(pdf->qpdf, kind)
                           ? pdf->call.qpdf_oh_get_name(pdf->qpdf, kind)
                           : "";
    if (strcmp(name, "/Widget") == 0)
        take_signature(pdf, note);
    else if (strcmp(name, "/Link") != 0)
        take_string(pdf, note, "/T", SB_PRIVACY_PERSON, "PDF comment");
}

static enum sb_privacy_result take_pages(const struct pdf *pdf)
{
    int pages = pdf->call.qpdf_get_num_pages(pdf->qpdf);
    if (pages < 0)
        return SB_PRIVACY_MALFORMED;
    for (int i = 0; i < pages && i < PAGES_MAX; i++) {
        qpdf_oh notes = get(pdf, pdf->call.qpdf_get_page_n(pdf->qpdf, (size_t)i), "/Annots");
        int count = pdf->call.qpdf_oh_is_array(pdf->qpdf, notes)
                        ? pdf->call.qpdf_oh_get_array_n_items(pdf->qpdf, notes)
                        : 0;
        for (int j = 0; j < count && j < NOTES_MAX; j++)
            take_note(pdf, pdf->call.qpdf_oh_get_array_item(pdf->qpdf, notes, j));
        pdf->call.qpdf_oh_release_all(pdf->qpdf);
    }
    return pages > PAGES_MAX ? SB_PRIVACY_LIMIT : SB_PRIVACY_EXAMINED;
}

static enum sb_privacy_result read_pdf(const struct pdf *pdf, const uint8_t *bytes, size_t len)
{
    const struct functions *call = &pdf->call;
    call->qpdf_silence_errors(pdf->qpdf);
    call->qpdf_set_suppress_warnings(pdf->qpdf, QPDF_TRUE);
    QPDF_ERROR_CODE code =
        call->qpdf_read_memory(pdf->qpdf, "the file", (const char *)bytes, len, NULL);
    if ((code & QPDF_ERRORS) != 0) {
        enum qpdf_error_code_e why =
            call->qpdf_get_error_code(pdf->qpdf, call->qpdf_get_error(pdf->qpdf));
        return why == qpdf_e_password ? SB_PRIVACY_ENCRYPTED : SB_PRIVACY_MALFORMED;
    }
    take_info(pdf, get(pdf, call->qpdf_get_trailer(pdf->qpdf), "/Info"));
    enum sb_privacy_result result =
        take_xmp(pdf, get(pdf, call->qpdf_get_root(pdf->qpdf), "/Metadata"));
    result = sb_privacy_worse(result, take_pages(pdf));
    /* qpdf mends what it can, and what it could not find is not there any more. */
    if (call->qpdf_more_warnings(pdf->qpdf) || call->qpdf_has_error(pdf->qpdf))
        result = sb_privacy_worse(result, SB_PRIVACY_MALFORMED);
    return result;
}

static enum sb_privacy_result read_bytes(struct pdf *pdf, const uint8_t *bytes, size_t len)
{
    pdf->qpdf = pdf->call.qpdf_init();
    if (pdf->qpdf == NULL)
        return SB_PRIVACY_FAILED;
    enum sb_privacy_result r = read_pdf(pdf, bytes, len);
    pdf->call.qpdf_cleanup(&pdf->qpdf);
    return r;
}

/* 7.5.6: programs, among them exiftool when it takes out an author, leave what was there and append
 * what is new. So the file up to an earlier end is an earlier version of it. */
static enum sb_privacy_result read_versions(struct pdf *pdf, const uint8_t *bytes, size_t len)
{
    static const char end[] = "%%EOF", linearized[] = "/Linearized";
    enum { END = sizeof(end) - 1, HEAD = 1024 };
    const struct sb_privacy_sink *before = pdf->sink;
    struct sb_privacy_sink sink = *before;
    sink.prefix = "an earlier version's";
    pdf->sink = &sink;
    enum sb_privacy_result r = SB_PRIVACY_EXAMINED;
    /* Annex F: such a file has its first end in its middle. */
    bool skip = memmem(bytes, len < HEAD ? len : HEAD, linearized, sizeof(linearized) - 1) != NULL;
    const uint8_t *at = bytes, *found;
    size_t versions = 0;
    while ((found = memmem(at, len - (size_t)(at - bytes), end, END)) != NULL) {
        at = found + END;
        /* Whether anything follows but the line's end. */
        if (memmem(at, len - (size_t)(at - bytes), end, END) == NULL)
            break;
        if (!skip && versions++ == VERSIONS_MAX) {
            r = SB_PRIVACY_LIMIT;
            break;
        }
        /* What is no version can only have nothing in it. */
        if (!skip)
            (void)read_bytes(pdf, bytes, (size_t)(at - bytes));
        skip = false;
    }
    pdf->sink = before;
    return r;
}

enum sb_privacy_result sb_privacy_pdf(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                      size_t len)
{
    struct pdf pdf = {.sink = sink};
    if (!get_functions(&pdf.call))
        return SB_PRIVACY_FAILED;
    sb_privacy_use_library(sink);
    enum sb_privacy_result r = read_bytes(&pdf, bytes, len);
    return sb_privacy_worse(r, read_versions(&pdf, bytes, len));
}
