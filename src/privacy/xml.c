/* XMP (ISO 16684-1) and the XML parts of Office documents, read by expat: no document type is
 * accepted, and nothing outside is ever looked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "base/buf.h"
#include "privacy/privacy.h"

enum { TEXT_MAX = 64 << 10, DEPTH_MAX = 512, FIELD_SIZE = 100 };

/* By the name without its namespace. `attribute`: only an attribute is called so. */
struct name {
    enum sb_privacy_xml kind;
    bool attribute;
    enum sb_privacy_rule rule;
    const char *name;
};

static const struct name names[] = {
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "creator"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "contributor"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "rights"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "Artist"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "Author"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "Copyright"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "Owner"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "OwnerName"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "CameraOwnerName"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "CaptionWriter"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "CiAdrExtadr"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "CiTelWork"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "PersonInImage"},
    {SB_XML_XMP, false, SB_PRIVACY_PERSON, "PersonDisplayName"},
    {SB_XML_XMP, false, SB_PRIVACY_ORGANISATION, "Credit"},
    {SB_XML_XMP, false, SB_PRIVACY_ORGANISATION, "publisher"},
    {SB_XML_XMP, false, SB_PRIVACY_SERIAL_NUMBER, "SerialNumber"},
    {SB_XML_XMP, false, SB_PRIVACY_SERIAL_NUMBER, "BodySerialNumber"},
    {SB_XML_XMP, false, SB_PRIVACY_SERIAL_NUMBER, "CameraSerialNumber"},
    {SB_XML_XMP, false, SB_PRIVACY_SERIAL_NUMBER, "LensSerialNumber"},
    {SB_XML_XMP, false, SB_PRIVACY_LOCATION, "GPSLatitude"},
    {SB_XML_XMP, false, SB_PRIVACY_LOCATION, "GPSLongitude"},
    {SB_XML_XMP, false, SB_PRIVACY_LOCATION, "GPSDestLatitude"},
    {SB_XML_XMP, false, SB_PRIVACY_LOCATION, "GPSDestLongitude"},
    {SB_XML_XMP, false, SB_PRIVACY_LOCATION, "City"},
    {SB_XML_XMP, false, SB_PRIVACY_LOCATION, "CiAdrCity"},
    {SB_XML_XMP, false, SB_PRIVACY_LOCATION, "LocationName"},
    {SB_XML_XMP, false, SB_PRIVACY_LOCATION, "Location"},
    {SB_XML_XMP, false, SB_PRIVACY_LOCATION, "Sublocation"},
    {SB_XML_PROPERTIES, false, SB_PRIVACY_PERSON, "creator"},
    {SB_XML_PROPERTIES, false, SB_PRIVACY_PERSON, "initial-creator"},
    {SB_XML_PROPERTIES, false, SB_PRIVACY_PERSON, "printed-by"},
    {SB_XML_PROPERTIES, false, SB_PRIVACY_PERSON, "lastModifiedBy"},
    {SB_XML_PROPERTIES, false, SB_PRIVACY_PERSON, "Manager"},
    {SB_XML_PROPERTIES, false, SB_PRIVACY_ORGANISATION, "Company"},
    {SB_XML_PROPERTIES, true, SB_PRIVACY_PERSON, "userName"},
    {SB_XML_TEXT, true, SB_PRIVACY_PERSON, "author"},
    {SB_XML_TEXT, true, SB_PRIVACY_PERSON, "userId"},
    {SB_XML_TEXT, true, SB_PRIVACY_PERSON, "refreshedBy"},
    {SB_XML_TEXT, true, SB_PRIVACY_PERSON, "userName"},
    {SB_XML_TEXT, true, SB_PRIVACY_PERSON, "displayName"},
    {SB_XML_TEXT, false, SB_PRIVACY_PERSON, "author"},
    {SB_XML_TEXT, false, SB_PRIVACY_PERSON, "creator"},
};

struct parse {
    const struct sb_privacy_sink *sink;
    enum sb_privacy_xml kind;
    XML_Parser parser;
    unsigned depth;
    const struct name *within; /* the element that tells something */
    unsigned within_depth;
    struct sb_buf text;
    enum sb_privacy_result result;
};

static void stop(struct parse *parse, enum sb_privacy_result why)
{
    parse->result = sb_privacy_worse(parse->result, why);
    XML_StopParser(parse->parser, XML_FALSE);
}

/* Behind the namespace, if there is one. */
static const char *local(const char *name)
{
    const char *bar = strrchr(name, '|');
    return bar != NULL ? bar + 1 : name;
}

/* Regions of the Metadata Working Group: whose face it is. Elsewhere a "Name" is of anything. */
static bool is_face(const char *name)
{
    static const char whole[] = "http://www.metadataworkinggroup.com/schemas/regions/|Name";
    return strcmp(name, whole) == 0;
}

static const struct name *find(const struct parse *parse, const char *whole, bool attribute)
{
    const char *name = is_face(whole) ? "PersonDisplayName" : local(whole);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].kind == parse->kind && (attribute || !names[i].attribute) &&
            strcmp(names[i].name, name) == 0)
            return &names[i];
    }
    return NULL;
}

static const char *field_of(char out[FIELD_SIZE], const struct parse *parse, const char *name)
{
    static const char *const kinds[] = {"XMP", "property", "comment or change"};
    snprintf(out, FIELD_SIZE, "%s %.60s", kinds[parse->kind], name);
    return out;
}

/* The text so far is that of the element `name`. */
static void end_text(struct parse *parse, const struct name *known, const char *name)
{
    char field[FIELD_SIZE];
    if (parse->text.len > 0 && known != NULL)
        sb_privacy_value(parse->sink, known->rule, field_of(field, parse, name), parse->text.data,
                         parse->text.len);
    else if (parse->text.len > 0)
        sb_privacy_scan(parse->sink, field_of(field, parse, name), (const char *)parse->text.data,
                        parse->text.len);
    parse->text.len = 0;
}

static void on_start(void *context, const char *name, const char **attributes)
{
    struct parse *parse = context;
    char field[FIELD_SIZE];
    if (++parse->depth > DEPTH_MAX) {
        stop(parse, SB_PRIVACY_LIMIT);
        return;
    }
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        const char *attribute = local(attributes[i]), *value = attributes[i + 1];
        const struct name *known = find(parse, attributes[i], true);
        /* The author of a comment in a presentation is an element with a name. */
        if (parse->kind == SB_XML_TEXT && strcmp(attribute, "name") == 0 &&
            strstr(local(name), "uthor") != NULL)
            known = find(parse, "author", true);
        if (known != NULL)
            sb_privacy_value(parse->sink, known->rule, field_of(field, parse, attribute), value,
                             strlen(value));
        else if (parse->kind != SB_XML_TEXT)
            sb_privacy_scan(parse->sink, field_of(field, parse, attribute), value, strlen(value));
    }
    if (parse->within != NULL)
        return;
    parse->text.len = 0;
    parse->within = find(parse, name, false);
    parse->within_depth = parse->depth;
}

static void on_end(void *context, const char *name)
{
    struct parse *parse = context;
    if (parse->within == NULL) {
        if (parse->kind != SB_XML_TEXT)
            end_text(parse, NULL, local(name));
    } else if (parse->depth == parse->within_depth) {
        end_text(parse, parse->within, parse->within->name);
        parse->within = NULL;
    }
    parse->depth--;
}

static void on_text(void *context, const char *text, int len)
{
    struct parse *parse = context;
    if (parse->within == NULL && parse->kind == SB_XML_TEXT)
        return;
    bool blank = true;
    for (int i = 0; i < len; i++)
        blank &= (unsigned char)text[i] <= ' ';
    if (blank && (parse->text.len == 0 || len > 1))
        return;
    if (parse->text.len + (size_t)len <= TEXT_MAX &&
        sb_buf_append(&parse->text, text, (size_t)len) < 0)
        stop(parse, SB_PRIVACY_FAILED);
}

static void on_doctype(void *context, const char *name, const char *system_id,
                       const char *public_id, int has_internal)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal;
    stop(context, SB_PRIVACY_MALFORMED);
}

enum sb_privacy_result sb_privacy_xml(const struct sb_privacy_sink *sink, enum sb_privacy_xml kind,
                                      const uint8_t *bytes, size_t len)
{
    enum { PIECE = 1 << 20 };
    sb_privacy_use_library(sink);
    struct parse parse = {.sink = sink, .kind = kind, .parser = XML_ParserCreateNS(NULL, '|')};
    if (parse.parser == NULL)
        return SB_PRIVACY_FAILED;
    /* XMP ends in white space, and some programs put a NUL behind it. */
    while (len > 0 && (bytes[len - 1] == 0 || bytes[len - 1] == ' ' || bytes[len - 1] == '\n'))
        len--;
    XML_SetUserData(parse.parser, &parse);
    XML_SetElementHandler(parse.parser, on_start, on_end);
    XML_SetCharacterDataHandler(parse.parser, on_text);
    XML_SetStartDoctypeDeclHandler(parse.parser, on_doctype);
    /* What mixes up names is as rare as random numbers are not needed for it. */
    XML_SetHashSalt(parse.parser, 1 + (unsigned long)len);
    enum XML_Status status = XML_STATUS_OK;
    for (size_t at = 0; status == XML_STATUS_OK && (at < len || at == 0);) {
        size_t n = len - at < PIECE ? len - at : PIECE;
        at += n;
        status = XML_Parse(parse.parser, (const char *)bytes + at - n, (int)n, at == len || n == 0);
        if (n == 0)
            break;
    }
    if (status != XML_STATUS_OK)
        parse.result = sb_privacy_worse(parse.result, SB_PRIVACY_MALFORMED);
    XML_ParserFree(parse.parser);
    sb_buf_free(&parse.text);
    return parse.result;
}
