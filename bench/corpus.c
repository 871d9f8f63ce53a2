/* Makes the corpora of compare.sh, the same bytes every time:
 *
 *   corpus text FOLDER BYTES    reports, 40 KB on average, of invented words in natural
 *                               frequencies
 *   corpus web FOLDER BYTES     the same with the markup of web sites around, a site a folder
 *   corpus media FOLDER BYTES   files of 8 to 64 MiB that do not compress
 *   corpus small FOLDER COUNT   records of 1.4 KB on average, 500 to a folder
 *   corpus file FILE BYTES      one file, half of it text, half media, in turns of 16 MiB
 *
 * Another number behind these makes other documents of the same kind. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { WORDS = 40000, PHRASES = 400, WORD_MAX = 20, FOLLOWING = 5, PHRASE_MAX = 96 };

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* xorshift64*: the quality of the numbers does not matter, that they never change does. So no two
 * are drawn in one expression whose order C leaves open. */
static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t draw(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(2685821657736338717);
}

static uint64_t below(uint64_t n)
{
    return (draw() >> 11) % n;
}

/* Small numbers are more frequent than large ones; a quarter of n on average. */
static size_t mostly_small(uint64_t n)
{
    return (size_t)below(1 + below(n));
}

/* ---- words ------------------------------------------------------------------------------ */

static char words[WORDS][WORD_MAX];
static double shares[WORDS];  /* cumulative, by Zipf's law */
static uint16_t guide[65536]; /* where to begin to look in shares */
static uint16_t follows[WORDS][FOLLOWING];
static char phrases[PHRASES][PHRASE_MAX];

static void add_part(char *word, const char *const *parts, uint64_t count)
{
    const char *part = parts[below(count)];
    size_t len = strlen(word);
    snprintf(word + len, WORD_MAX - len, "%s", part);
}

/* Short words are frequent, and letters are about as frequent as in English. */
static void make_word(char *word, size_t rank)
{
    static const char *const onsets[] = {"t", "s", "w", "h", "b", "c", "m", "p",  "f",  "d",  "l",
                                         "r", "n", "g", "",  "",  "",  "v", "st", "th", "pr", "k"};
    static const char *const nuclei[] = {"e", "a", "o", "i", "e", "u", "a", "e", "ea", "io"};
    static const char *const codas[] = {"", "", "", "n", "r", "s", "t", "l", "d", "ng", "nt"};
    size_t syllables = 1 + (size_t)(rank > 100) + (size_t)(rank > 3000 && below(2) > 0);
    word[0] = '\0';
    for (size_t i = 0; i < syllables; i++) {
        add_part(word, onsets, sizeof(onsets) / sizeof(onsets[0]));
        add_part(word, nuclei, sizeof(nuclei) / sizeof(nuclei[0]));
        add_part(word, codas, sizeof(codas) / sizeof(codas[0]));
    }
}

static size_t any_word(void)
{
    double x = (double)(draw() >> 11) / 9007199254740992.0;
    size_t at = guide[(size_t)(x * 65536.0)];
    while (at + 1 < WORDS && shares[at] < x)
        at++;
    return at;
}

/* Every word has a few that like to follow it, as in a language. */
static const char *a_word(void)
{
    static size_t last;
    if (below(4) == 0)
        last = follows[last][mostly_small(FOLLOWING)];
    else
        last = any_word();
    return words[last];
}

/* Names and turns of phrase that come again and again. */
static const char *a_phrase(void)
{
    return phrases[mostly_small(PHRASES)];
}

static void make_words(void)
{
    double sum = 0;
    for (size_t i = 0; i < WORDS; i++) {
        make_word(words[i], i);
        sum += 1.0 / ((double)i + 2.7);
        shares[i] = sum;
    }
    size_t at = 0;
    for (size_t i = 0; i < WORDS; i++)
        shares[i] /= sum;
    for (size_t i = 0; i < 65536; i++) {
        while (shares[at] < (double)i / 65536.0)
            at++;
        guide[i] = (uint16_t)at;
    }
    for (size_t i = 0; i < WORDS; i++) {
        for (size_t k = 0; k < FOLLOWING; k++)
            follows[i][k] = (uint16_t)any_word();
    }
    for (size_t i = 0; i < PHRASES; i++) {
        for (size_t k = 0; k < 3; k++) {
            size_t len = strlen(phrases[i]);
            snprintf(phrases[i] + len, PHRASE_MAX - len, "%s%s", k > 0 ? " " : "", a_word());
        }
    }
}

/* ---- text ------------------------------------------------------------------------------- */

static char *text;
static size_t text_len, text_cap;
static char site_name[WORD_MAX];

static void put(const char *bytes, size_t len)
{
    if (text_len + len > text_cap) {
        text_cap = 2 * (text_len + len);
        text = realloc(text, text_cap);
        if (text == NULL)
            fail("corpus");
    }
    memcpy(text + text_len, bytes, len);
    text_len += len;
}

static void puts_text(const char *s)
{
    put(s, strlen(s));
}

/* Writes a form: $w is a word, $p a phrase, $n a number, $m the same number again, $c a colour,
 * $s the web site's name. */
static void fill(const char *form)
{
    unsigned number = 0;
    char digits[32];
    for (; *form != '\0'; form++) {
        if (*form != '$') {
            put(form, 1);
            continue;
        }
        form++;
        if (*form == 'n')
            number = (unsigned)mostly_small(100000);
        if (*form == 'c')
            number = (unsigned)below(1 << 24);
        snprintf(digits, sizeof(digits), *form == 'c' ? "#%06x" : "%u", number);
        puts_text(*form == 'w'   ? a_word()
                  : *form == 'p' ? a_phrase()
                  : *form == 's' ? site_name
                                 : digits);
    }
}

static void sentence(void)
{
    size_t count = 6 + (size_t)below(20);
    for (size_t i = 0; i < count; i++) {
        uint64_t what = below(100);
        size_t start = text_len;
        if (what < 4) {
            puts_text(a_phrase());
        } else if (what < 6) {
            uint64_t number = below(2) > 0 ? 1950 + below(80) : below(100000);
            char digits[32];
            snprintf(digits, sizeof(digits), "%" PRIu64, number);
            puts_text(digits);
        } else {
            puts_text(a_word());
        }
        if ((i == 0 || what == 99) && text[start] >= 'a' && text[start] <= 'z')
            text[start] = (char)(text[start] - 'a' + 'A');
        puts_text(i + 1 == count ? "." : what < 12 ? ", " : " ");
    }
}

static void sentences(void)
{
    for (uint64_t i = 3 + below(6); i > 0; i--) {
        sentence();
        puts_text(below(4) == 0 ? "\n" : " ");
    }
}

/* ---- web pages and reports -------------------------------------------------------------- */

/* What all pages of a web site have around their articles: styles, menus, a footer. */
static char *site_head, *site_foot;

static void repeat(const char *form, uint64_t times)
{
    for (; times > 0; times--)
        fill(form);
}

/* An article: paragraphs, now and then a picture, a link, a row of other articles. */
static void article(size_t size)
{
    size_t end = text_len + size;
    while (text_len < end) {
        puts_text("        <div class=\"article__block\" data-component=\"text-block\">\n"
                  "          <p class=\"article__paragraph\">");
        sentences();
        if (below(2) == 0)
            fill("<a class=\"article__link\" "
                 "href=\"https://www.$s.example/$w/$w-$w-$n.html\">$p</a>.");
        puts_text("</p>\n        </div>\n");
        if (below(4) == 0)
            fill("        <figure class=\"article__figure\">\n"
                 "          <img class=\"article__image\" loading=\"lazy\" width=\"960\" "
                 "height=\"540\" "
                 "src=\"https://media.$s.example/images/$n/960.jpg\" "
                 "srcset=\"https://media.$s.example/images/$m/480.jpg 480w, "
                 "https://media.$s.example/images/$m/1920.jpg 1920w\" alt=\"$p\">\n"
                 "          <figcaption class=\"article__caption\">$p $w $w. Photo: "
                 "$p</figcaption>\n"
                 "        </figure>\n");
        if (below(6) == 0) {
            puts_text("        <ul class=\"related__list\">\n");
            repeat(
                "          <li class=\"related__item\"><a class=\"related__link\" data-id=\"$n\" "
                "href=\"https://www.$s.example/$w/$w-$w-$m.html\">\n"
                "            <img class=\"related__image\" loading=\"lazy\" width=\"320\" "
                "height=\"180\" src=\"https://media.$s.example/images/$m/320.jpg\" alt=\"\">\n"
                "            <span class=\"related__headline\">$p $w $p</span></a></li>\n",
                3 + below(6));
            puts_text("        </ul>\n");
        }
    }
}

/* Plain text: paragraphs, and what they cite. */
static void prose(size_t size)
{
    size_t end = text_len + size;
    while (text_len < end) {
        sentences();
        puts_text("\n\n");
        if (below(3) == 0)
            fill("  [$n] $p, \"$p $w $w\", https://www.$w.example/$w/$w-$w-$n.html, accessed 1 May "
                 "2026.\n\n");
    }
}

static char *take_text(void)
{
    put("", 1);
    char *copy = strdup(text);
    if (copy == NULL)
        fail("corpus");
    text_len = 0;
    return copy;
}

static void new_site(void)
{
    free(site_head);
    free(site_foot);
    snprintf(site_name, sizeof(site_name), "%s", words[200 + below(2000)]);
    text_len = 0;
    puts_text("<style>\n");
    repeat(".$w__$w { margin: 0 auto; padding: $npx; color: $c; background-color: $c; }\n",
           40 + below(60));
    puts_text("</style>\n</head>\n<body>\n<nav>\n<ul>\n");
    repeat("  <li class=\"menu__item\"><a class=\"menu__link\" href=\"/$w/$w\">$p</a></li>\n",
           20 + below(60));
    puts_text("</ul>\n</nav>\n<main>\n");
    site_head = take_text();
    puts_text("</main>\n<footer>\n");
    repeat("  <a class=\"footer__link\" href=\"https://www.$s.example/$w\">$p</a>\n",
           10 + below(30));
    puts_text("</footer>\n</body>\n</html>\n");
    site_foot = take_text();
}

static void web_page(size_t size)
{
    text_len = 0;
    fill("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\n<title>$p $w "
         "$p</title>\n"
         "<meta property=\"og:url\" content=\"https://www.$s.example/$w/$w-$w-$n.html\">\n");
    puts_text(site_head);
    article(size);
    puts_text(site_foot);
}

static void report(size_t size)
{
    text_len = 0;
    prose(size);
}

static void noise(size_t size)
{
    text_len = 0;
    while (text_len < size) {
        uint64_t block[512];
        for (size_t i = 0; i < 512; i++)
            block[i] = draw();
        put((const char *)block, sizeof(block));
    }
}

/* ---- files ------------------------------------------------------------------------------ */

static void save(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(text, 1, text_len, file) != text_len || fclose(file) != 0)
        fail(path);
}

static void make_folder(const char *path)
{
    if (mkdir(path, 0777) != 0)
        fail(path);
}

/* Documents of one kind in folders of 100. */
static void documents(const char *folder, uint64_t bytes, bool pages)
{
    char path[4096];
    uint64_t done = 0;
    make_folder(folder);
    for (uint64_t i = 0; done < bytes; i++) {
        if (i % 100 == 0) {
            snprintf(path, sizeof(path), "%s/%03" PRIu64, folder, i / 100);
            make_folder(path);
            new_site();
        }
        if (pages)
            web_page(1000 + (size_t)below(60000));
        else
            report(2000 + (size_t)below(76000));
        snprintf(path, sizeof(path), "%s/%03" PRIu64 "/%06" PRIu64 ".%s", folder, i / 100, i,
                 pages ? "html" : "txt");
        save(path);
        done += text_len;
    }
}

static void text_corpus(const char *folder, uint64_t bytes)
{
    documents(folder, bytes, false);
}

static void web_corpus(const char *folder, uint64_t bytes)
{
    documents(folder, bytes, true);
}

static void media_corpus(const char *folder, uint64_t bytes)
{
    char path[4096];
    uint64_t done = 0;
    make_folder(folder);
    for (uint64_t i = 0; done < bytes; i++) {
        noise((size_t)(8 + below(57)) << 20);
        snprintf(path, sizeof(path), "%s/%04" PRIu64 ".mp4", folder, i);
        save(path);
        done += text_len;
    }
}

static void small_corpus(const char *folder, uint64_t count)
{
    char path[4096];
    make_folder(folder);
    for (uint64_t i = 0; i < count; i++) {
        if (i % 500 == 0) {
            snprintf(path, sizeof(path), "%s/%04" PRIu64, folder, i / 500);
            make_folder(path);
        }
        report(1 + mostly_small(4000));
        snprintf(path, sizeof(path), "%s/%04" PRIu64 "/%07" PRIu64 ".txt", folder, i / 500, i);
        save(path);
    }
}

static void one_file(const char *path, uint64_t bytes)
{
    FILE *file = fopen(path, "wb");
    uint64_t done = 0;
    if (file == NULL)
        fail(path);
    for (unsigned i = 0; done < bytes; i++) {
        size_t size = bytes - done < (16 << 20) ? (size_t)(bytes - done) : 16 << 20;
        if (i % 2 == 0)
            report(size);
        else
            noise(size);
        if (fwrite(text, 1, size, file) != size)
            fail(path);
        done += size;
    }
    if (fclose(file) != 0)
        fail(path);
}

int main(int argc, char **argv)
{
    uint64_t amount = argc == 4 || argc == 5 ? strtoull(argv[3], NULL, 10) : 0;
    void (*make)(const char *, uint64_t) = amount == 0                     ? NULL
                                           : strcmp(argv[1], "text") == 0  ? text_corpus
                                           : strcmp(argv[1], "web") == 0   ? web_corpus
                                           : strcmp(argv[1], "media") == 0 ? media_corpus
                                           : strcmp(argv[1], "small") == 0 ? small_corpus
                                           : strcmp(argv[1], "file") == 0  ? one_file
                                                                           : NULL;
    if (make == NULL) {
        fputs("usage: corpus text|web|media|small|file PATH AMOUNT [NUMBER]\n", stderr);
        return 2;
    }
    make_words();
    /* The same language, but other documents. */
    for (uint64_t i = argc == 5 ? strtoull(argv[4], NULL, 10) : 0; i > 0; i--)
        state += draw() | 1;
    make(argv[2], amount);
    free(site_head);
    free(site_foot);
    free(text);
    return 0;
}
