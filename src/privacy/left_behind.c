/* Files that systems and programs leave in folders, and that nobody has made on purpose: they tell
 * of other files and of who worked with them, and go along when a folder is handed on. */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "privacy/privacy.h"

#define LEAVE_IT_OUT ". Leave it out of what is sealed"
#define TRASH                                                                                      \
    "lies in a trash folder: it was deleted, or says what was, and where that lay" LEAVE_IT_OUT
#define OF_A_DISK                                                                                  \
    "lies in a folder that a system keeps on a disk, which can name other files, also deleted "    \
    "ones" LEAVE_IT_OUT
#define FOLDER_VIEW "it says how a folder was shown, and can name files in it"
#define PICTURES                                                                                   \
    "was left by Windows: it holds small copies of the pictures in a folder, also of deleted "     \
    "ones" LEAVE_IT_OUT
#define PICASA "was left by Picasa: it can name who is in the pictures" LEAVE_IT_OUT

enum form { WHOLE, BEGINS, ENDS, HIDDEN /* the same, behind a full stop */ };

/* Whatever the case: Windows does not mind it, and nor do most disks of macOS. */
static const struct left {
    enum form form;
    bool folder; /* all that lies in a folder of this name */
    const char *name;
    const char *sentence;
} list[] = {
    {WHOLE, false, ".DS_Store",
     "was left by macOS: " FOLDER_VIEW ", also deleted ones" LEAVE_IT_OUT},
    {BEGINS, false, "._",
     "was left by macOS: it holds what the system noted of another file, such as where it came "
     "from" LEAVE_IT_OUT},
    {WHOLE, true, ".Trashes", TRASH},
    {WHOLE, true, ".Spotlight-V100", OF_A_DISK},
    {WHOLE, true, ".fseventsd", OF_A_DISK},
    {WHOLE, true, ".DocumentRevisions-V100", OF_A_DISK},
    {WHOLE, false, "Thumbs.db", PICTURES},
    {WHOLE, false, "ehthumbs.db", PICTURES},
    {WHOLE, false, "ehthumbs_vista.db", PICTURES},
    {WHOLE, false, "desktop.ini", "was left by Windows: " FOLDER_VIEW LEAVE_IT_OUT},
    {ENDS, false, ":Zone.Identifier",
     "was left by Windows: it says where another file was downloaded from" LEAVE_IT_OUT},
    {WHOLE, true, "$RECYCLE.BIN", TRASH},
    {WHOLE, true, "System Volume Information", OF_A_DISK},
    {WHOLE, false, ".directory",
     "was left by KDE: it says how and when a folder was looked at" LEAVE_IT_OUT},
    {WHOLE, true, ".Trash", TRASH},
    {BEGINS, true, ".Trash-", TRASH},
    {BEGINS, false, "~$",
     "was left by Microsoft Office: it names who had a document open" LEAVE_IT_OUT},
    {BEGINS, false, ".~lock.",
     "was left by LibreOffice: it names who had a document open, and on which "
     "computer" LEAVE_IT_OUT},
    {HIDDEN, false, ".swp",
     "was left by an editor: it names who changed a file, on which computer, and where that "
     "lay" LEAVE_IT_OUT},
    {WHOLE, false, "Picasa.ini", PICASA},
    {WHOLE, false, ".picasa.ini", PICASA},
};

static bool is_called(const struct left *left, const char *name, size_t len)
{
    bool from_start = left->form == WHOLE || left->form == BEGINS;
    if (from_start && sb_ascii_lower(name[0]) != sb_ascii_lower(left->name[0])) /* most are not */
        return false;
    size_t n = strlen(left->name);
    switch (left->form) {
    case WHOLE:
        return len == n && strncasecmp(name, left->name, n) == 0;
    case BEGINS:
        return len > n && strncasecmp(name, left->name, n) == 0;
    case HIDDEN:
        if (name[0] != '.')
            return false;
        break;
    case ENDS:
    default:
        break;
    }
    return len > n && strncasecmp(name + len - n, left->name, n) == 0;
}

const char *sb_privacy_left_behind(const char *path)
{
    for (const char *name = path, *end = path; name != NULL; name = *end != 0 ? end + 1 : NULL) {
        end = name + strcspn(name, "/");
        for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
            if (list[i].folder == (*end == '/') && is_called(&list[i], name, (size_t)(end - name)))
                return list[i].sentence;
        }
    }
    return NULL;
}
