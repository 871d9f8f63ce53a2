/* What a verdict says of provenance: from create to verify and list, and through the pipe from a
 * process that lies. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bag/manifest.h"
#include "base/text.h"
#include "op/evidence.h"
#include "op/leaves.h"
#include "op/provenance.h"
#include "sign/sign.h"
#include "unit/sandbox.h"

/* ---- from create to a verdict ------------------------------------------------------------ */

static char folder[] = "/tmp/sealbag-provenance-XXXXXX";

static const char *in_folder(const char *name)
{
    static char paths[8][128];
    static size_t next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static const char csv[] = "filename,dc.title,dc.creator,dc.creator,dcterms.references,"
                          "prov.wasQuotedFrom,prov.hadPrimarySource\n"
                          "objects/b.txt,\"B, in\ntwo lines\",Anna,Ben,https://example.org/,a.txt,"
                          "sha256:"
                          "0000000000000000000000000000000000000000000000000000000000000000\n"
                          "c.txt,,,,,,\n"
                          /* by the digest of nothing, which is what c.txt holds */
                          "data/a.txt,A,,,,,sha256:"
                          "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855\n";

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL || mkdir(in_folder("src"), 0700) < 0 || sb_sign_init(NULL) < 0)
        return -1;
    write_file("src/a.txt", "alpha\n");
    write_file("src/b.txt", "beta\n");
    write_file("src/c.txt", "");
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"src/a.txt", "src/b.txt", "src/c.txt", "src", "key",
                                        "key.pub",   "o.tar.gz",  "table.csv", ""};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)remove(in_folder(names[i]));
    return 0;
}

/* Of the source, with the table; a key or none. */
static void create(struct sealbag_key *key, const char *table)
{
    const char *source = in_folder("src");
    const char *const info[] = {"Contact: none", "Contact: nobody"};
    const char *output = in_folder("o.tar.gz");
    struct sealbag_created created;
    struct sb_error error = {0};
    struct sealbag_create_options options = {
        .output = output,
        .force = true,
        .sources = &source,
        .source_count = 1,
        .keys = &key,
        .key_count = key != NULL,
        .info = info,
        .info_count = 2,
        .metadata = table != NULL ? in_folder("table.csv") : NULL,
    };
    if (table != NULL)
        write_file("table.csv", table);
    if (sealbag_bundle_create(&created, NULL, &options, &error) < 0)
        fail_msg("%s", error.message);
}

typedef int (*reading)(struct sealbag_verdict **out, int fd,
                       const struct sealbag_verify_options *options, struct sb_error *error);

static struct sealbag_verdict *verdict_of(reading read, struct sealbag_verify_options options)
{
    struct sealbag_verdict *verdict;
    int fd = open(in_folder("o.tar.gz"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(read(&verdict, fd, &options, NULL), 0);
    close(fd);
    return verdict;
}

static void value_is(const struct sealbag_record *record, size_t i, const char *column,
                     const char *value)
{
    assert_true(i < record->value_count);
    assert_string_equal(record->value[i].column, column);
    assert_string_equal(record->value[i].value, value);
}

static void relation_is(const struct sealbag_relation *relation, enum sealbag_relation_kind kind,
                        enum sealbag_target target, const char *from, const char *to)
{
    assert_int_equal(relation->kind, kind);
    assert_int_equal(relation->target, target);
    assert_string_equal(relation->from, from);
    assert_string_equal(relation->to, to);
}

static void is_told(const struct sealbag_provenance *told)
{
    assert_non_null(told);
    assert_false(told->foreign);
    assert_int_equal(told->label_count, 5);
    assert_string_equal(told->label[0].label, "Contact");
    assert_string_equal(told->label[1].value, "nobody");
    assert_string_equal(told->label[3].label, "Payload-Oxum");
    assert_string_equal(told->label[3].value, "11.3");
    assert_int_equal(told->record_count, 3);
    const struct sealbag_record *record = told->record;
    assert_string_equal(record[0].path, "data/b.txt");
    assert_int_equal(record[0].value_count, 6);
    value_is(&record[0], 0, "dc.title", "B, in\ntwo lines");
    value_is(&record[0], 1, "dc.creator", "Anna");
    value_is(&record[0], 2, "dc.creator", "Ben");
    assert_string_equal(record[1].path, "data/c.txt");
    assert_string_equal(record[2].path, "data/a.txt");
    value_is(&record[2], 0, "dc.title", "A");
    assert_int_equal(record[2].value_count, 2);
    assert_int_equal(record[1].value_count, 0);
    /* the relations of a record follow each other */
    const struct sealbag_relation *relation = told->relation;
    assert_int_equal(told->relation_count, 4);
    assert_true(record[0].relation == 0 && record[0].relation_count == 3);
    assert_int_equal(record[1].relation_count, 0);
    assert_true(record[2].relation == 3 && record[2].relation_count == 1);
    relation_is(&relation[0], SEALBAG_RELATION_CITES, SEALBAG_TARGET_URL, "data/b.txt",
                "https://example.org/");
    relation_is(&relation[1], SEALBAG_RELATION_QUOTES, SEALBAG_TARGET_DOCUMENT, "data/b.txt",
                "data/a.txt");
    relation_is(&relation[2], SEALBAG_RELATION_PRIMARY_SOURCE, SEALBAG_TARGET_DIGEST, "data/b.txt",
                "sha256:0000000000000000000000000000000000000000000000000000000000000000");
}

static struct sealbag_key *make_key(void)
{
    struct sealbag_key *key;
    const struct sealbag_keygen_options options = {.file = in_folder("key")};
    (void)remove(in_folder("key"));
    (void)remove(in_folder("key.pub"));
    assert_int_equal(sealbag_key_generate(NULL, &options, NULL), 0);
    assert_int_equal(sealbag_key_load(&key, in_folder("key"), NULL, NULL, NULL), 0);
    return key;
}

/* By reading all or by the index, in another process or in this one. */
static void told(void **state)
{
    (void)state;
    struct sealbag_key *key = make_key();
    create(key, csv);
    for (unsigned i = 0; i < 4; i++) {
        reading read = i % 2 == 0 ? sealbag_bundle_verify : sealbag_bundle_list;
        struct sealbag_verify_options options = {.provenance = true,
                                                 .no_sandbox = i >= 2 || without_sandbox()};
        struct sealbag_verdict *verdict = verdict_of(read, options);
        assert_int_equal(verdict->exit_code, 3);
        assert_int_equal(verdict->partial, i % 2 == 1);
        assert_int_equal(verdict->documents_checked, i % 2 == 1 ? 0 : 3);
        is_told(verdict->provenance);
        relation_is(&verdict->provenance->relation[3], SEALBAG_RELATION_PRIMARY_SOURCE,
                    SEALBAG_TARGET_DOCUMENT, "data/a.txt", "data/c.txt");
        sealbag_verdict_free(verdict);
        /* Who does not ask for it is not told, */
        options.provenance = false;
        verdict = verdict_of(read, options);
        assert_int_equal(verdict->exit_code, 3);
        assert_null(verdict->provenance);
        sealbag_verdict_free(verdict);
        /* and who asks for it gets the documents, too. */
        options.provenance = options.unlisted = true;
        verdict = verdict_of(read, options);
        assert_non_null(verdict->document);
        is_told(verdict->provenance);
        sealbag_verdict_free(verdict);
    }
    sealbag_key_free(key);
}

static void unsigned_or_without(void **state)
{
    (void)state;
    const struct sealbag_verify_options options = {.provenance = true,
                                                   .no_sandbox = without_sandbox()};
    create(NULL, csv);
    struct sealbag_verdict *verdict = verdict_of(sealbag_bundle_list, options);
    assert_int_equal(verdict->exit_code, 4);
    is_told(verdict->provenance);
    sealbag_verdict_free(verdict);
    create(NULL, NULL);
    verdict = verdict_of(sealbag_bundle_verify, options);
    assert_int_equal(verdict->provenance->record_count, 0);
    assert_int_equal(verdict->provenance->label_count, 5);
    assert_false(verdict->provenance->foreign);
    sealbag_verdict_free(verdict);
}

/* A document that is made out of itself, which is seen only when it has been read. */
static void circle_by_digest(void **state)
{
    (void)state;
    static const char circle[] =
        "filename,prov.wasDerivedFrom\n"
        "c.txt,b.txt\n"
        "b.txt,sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n";
    const char *source = in_folder("src"), *output = in_folder("circle.tar.gz");
    struct sealbag_created created;
    struct sb_error error = {0};
    const struct sealbag_create_options options = {
        .output = output,
        .sources = &source,
        .source_count = 1,
        .metadata = in_folder("table.csv"),
    };
    write_file("table.csv", circle);
    assert_int_equal(sealbag_bundle_create(&created, NULL, &options, &error), SEALBAG_ERR_METADATA);
    assert_non_null(strstr(error.message, "circle"));
    assert_int_equal(access(output, F_OK), -1);
}

/* ---- a process that lies ----------------------------------------------------------------- */

#define FINGERPRINT "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define SALT        "0405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223\n"

static const char info_text[] = "Contact: none\n";
static const char rows[] = "filename,dc.title\r\ndata/a,A\r\n";

/* What the process that reads has, and whether it is right. */
struct lie {
    const char *info, *metadata, *salt; /* NULL: not kept */
    const char *listed;                 /* as metadata.csv in the cover; NULL: it lists none */
    bool other_cover;                   /* than the one that seal.txt is about */
    const char *declaration;            /* kept as bagit.txt, which nobody sealed */
    const char *document;               /* what it says of it; NULL: what was sealed */
    bool cover_lost, damaged, unsealed;
    bool taken;
    size_t record_count;
};

static const struct lie lies[] = {
    {info_text, rows, SALT, rows, .taken = true, .record_count = 1},
    {info_text, NULL, SALT, NULL, .taken = true},
    {info_text, "filename\n", SALT, "filename\n", .taken = true}, /* foreign */
    {info_text, "filename\r\ndata/b\r\n", SALT, "filename\r\ndata/b\r\n", .taken = true},
    /* documents that were not sealed, so that a relation leads to them, or nothing to a record */
    {info_text, rows, SALT, rows, .document = "data/b"},
    {info_text, NULL, SALT, NULL, .document = "data/b"},
    {info_text, NULL, SALT, NULL, .document = "another digest"},
    {info_text, NULL, SALT, NULL, .document = "another size"},
    /* another text, none, or one that was not sealed */
    {"Contact: you\n", rows, SALT, rows, .taken = false},
    {NULL, rows, SALT, rows, .taken = false},
    {info_text, "filename,dc.title\r\ndata/a,B\r\n", SALT, rows, .taken = false},
    {info_text, NULL, SALT, rows, .taken = false},
    {info_text, rows, SALT, NULL, .taken = false},
    {info_text, "filename\r\ndata/a\r\n", SALT, "filename\r\ndata/a\r\n", .other_cover = true},
    {info_text, rows, "0\n", rows, .taken = false},
    {info_text, rows, NULL, rows, .taken = false},
    /* labels in an encoding that was not sealed */
    {info_text, rows, SALT, rows,
     .declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n"},
    {info_text, rows, SALT, rows, .cover_lost = true},
    /* of what is not intact nothing is shown */
    {info_text, "x", NULL, rows, .damaged = true, .taken = true},
    /* what nobody sealed */
    {info_text, rows, NULL, rows, .unsealed = true, .taken = true, .record_count = 1},
    {info_text, "filename\r\ndata/a\r\n", NULL, rows, .unsealed = true},
    {info_text, rows, SALT, rows, .unsealed = true},
};

static void keep(struct sb_judge *judge, const char *path, const char *text)
{
    if (text == NULL)
        return;
    struct sb_kept *kept = sb_scan_keep(&judge->scan, path);
    assert_non_null(kept);
    assert_int_equal(sb_buf_puts(&kept->bytes, text), 0);
}

static void list(struct sb_judge *judge, struct sb_buf *cover, const char *path, const char *text)
{
    uint8_t sha256[SB_SHA256_SIZE];
    assert_int_equal(sb_digest_bytes(sha256, judge->digest, text, strlen(text)), 0);
    assert_int_equal(sb_cover_append(cover, sha256, path), 0);
    assert_int_equal(sb_inventory_add(&judge->scan.inventory, path, strlen(text), 0, sha256), 0);
}

/* The root over the one document and its row, if there is one. */
static void seal_documents(char hex[2 * SB_SHA256_SIZE + 1], struct sb_judge *judge,
                           const struct lie *lie)
{
    struct sb_metadata table = {0};
    uint8_t root[SB_SHA256_SIZE], salt[SB_SALT_SIZE];
    bool about_it = lie->listed != NULL && strstr(lie->listed, "data/a") != NULL;
    assert_true(sb_salt_parse(salt, (const uint8_t *)SALT, strlen(SALT)));
    if (about_it)
        assert_int_equal(sb_metadata_read(&table, lie->listed, strlen(lie->listed)), 1);
    assert_int_equal(sb_leaves_root(root, &judge->scan.inventory, &table, salt, judge->pool, NULL),
                     0);
    sb_hex_encode(hex, root, SB_SHA256_SIZE);
    sb_metadata_free(&table);
}

/* Another document than the one that was sealed. */
static void forge_document(struct sb_judge *judge, const char *document)
{
    struct sb_inventory *files = &judge->scan.inventory;
    for (size_t i = 0; i < files->count; i++) {
        struct sb_file *file = &files->files[i];
        if (strcmp(file->path, "data/a") != 0)
            continue;
        if (strcmp(document, "another digest") == 0)
            file->digest[0] ^= 1;
        else if (strcmp(document, "another size") == 0)
            file->size++;
        else
            file->path = document;
    }
}

static void fill(struct sb_judge *judge, const struct lie *lie)
{
    static const uint8_t digest[SB_DIGEST_SIZE] = {1, 2, 3};
    struct sb_buf cover = {0}, signed_text = {0}, seal = {0};
    uint8_t sha256[SB_SHA256_SIZE];
    char hex[2 * SB_SHA256_SIZE + 1], root[2 * SB_SHA256_SIZE + 1];
    assert_int_equal(sb_judge_init(judge, 1, NULL), 0);
    judge->scan.top = strdup("bag");
    judge->scan.ended = true;
    assert_int_equal(sb_inventory_add(&judge->scan.inventory, "data/a", 5, 512, digest), 0);
    list(judge, &cover, "bag-info.txt", info_text);
    if (lie->listed != NULL)
        list(judge, &cover, SB_METADATA_CSV, lie->listed);
    if (!lie->unsealed)
        assert_int_equal(sb_inventory_add(&judge->scan.inventory, SB_SEAL_TXT, 7, 9999, digest), 0);
    sb_inventory_sort(&judge->scan.inventory);
    assert_int_equal(sb_buf_printf(&signed_text, "%s%s%s", SALT, (const char *)cover.data,
                                   lie->other_cover ? "x" : ""),
                     0);
    assert_int_equal(sb_digest_bytes(sha256, judge->digest, signed_text.data, signed_text.len), 0);
    sb_hex_encode(hex, sha256, SB_SHA256_SIZE);
    seal_documents(root, judge, lie);
    assert_int_equal(
        sb_buf_printf(&seal,
                      "Sealbag-Version: 1\nBag-Name: bag\nSealed: 2026-01-02T03:04:05Z\n"
                      "Signer: " FINGERPRINT "\nLeaves: 1\nRoot: %s\nCover: %s\n",
                      root, hex),
        0);
    if (lie->document != NULL)
        forge_document(judge, lie->document);
    if (!lie->unsealed) {
        keep(judge, SB_SEAL_TXT, (const char *)seal.data);
        if (!lie->cover_lost)
            keep(judge, SB_COVER_TXT, (const char *)cover.data);
    }
    keep(judge, "bagit.txt", lie->declaration);
    keep(judge, SB_SALT_TXT, lie->salt);
    keep(judge, "bag-info.txt", lie->info);
    keep(judge, SB_METADATA_CSV, lie->metadata);
    if (lie->damaged)
        sb_findings_add(&judge->findings, SB_RULE_DIGEST, "data/a", "It is damaged.");
    sb_buf_free(&cover);
    sb_buf_free(&signed_text);
    sb_buf_free(&seal);
}

static struct sb_wire *wire_of(FILE *file)
{
    struct sb_wire *wire = calloc(1, sizeof(*wire));
    assert_non_null(wire);
    assert_int_equal(lseek(fileno(file), 0, SEEK_SET), 0);
    wire->fd = fileno(file);
    return wire;
}

static void told_by_a_liar(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct sb_inspection inspection = {.provenance = true};
        struct sb_judge there, here;
        FILE *file = tmpfile();
        assert_non_null(file);
        fill(&there, &lies[i]);
        struct sb_wire *wire = wire_of(file);
        sb_evidence_put(wire, &inspection, &there, SB_READ_ALL);
        assert_true(sb_wire_flush(wire));
        free(wire);
        sb_judge_free(&there);
        assert_int_equal(sb_judge_init(&here, 1, NULL), 0);
        wire = wire_of(file);
        assert_int_equal(sb_evidence_get(&inspection, &here, SB_READ_ALL, wire, NULL), 0);
        if (wire->failed == lies[i].taken)
            fail_msg("lie %zu was %s", i, wire->failed ? "refused" : "taken");
        if (!wire->failed)
            assert_int_equal(here.metadata.row_count, lies[i].record_count);
        free(wire);
        sb_judge_free(&here);
        fclose(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told),
        cmocka_unit_test(unsigned_or_without),
        cmocka_unit_test(circle_by_digest),
        cmocka_unit_test(told_by_a_liar),
    };
    return cmocka_run_group_tests_name("provenance", tests, set_up, tear_down);
}
