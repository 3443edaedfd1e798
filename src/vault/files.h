/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_FILES_H
#define VAULT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/control.h"
#include "proto/file.h"
#include "proto/letter.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* Where a file stands. */
enum file_state {
    FILE_OFFERED = 0,   /* sent: its letter is under way */
    FILE_SENDING = 1,   /* sent: its letter has come; parts go */
    FILE_DELIVERED = 2, /* sent: the reader has the whole */
    FILE_DECLINED = 3,  /* sent: the reader has it not, and its end says why */
    FILE_ARRIVING = 4,  /* received: parts come, or are being checked */
    FILE_WHOLE = 5,     /* received: all of it is here, and right */
    FILE_DAMAGED = 6,   /* received: it was not what was offered */
    FILE_CANCELLED = 7, /* sent: by us; received: by its sender */
    FILE_EXPIRED = 8,
};

/* A file that was sent or received: all but its content, which lies on disk
 * part by part, under a key that is here alone.  Secret. */
struct file {
    uint64_t row;
    uint64_t contact;
    bool is_sent;    /* by us */
    bool urgent;     /* sent */
    bool is_checked; /* received: its check is under way; not kept */
    enum file_state state;
    enum file_end end;    /* DECLINED */
    struct message_id id; /* of its letter */
    uint64_t began_at_s;  /* sent or received */
    uint64_t whole_at_s;
    uint64_t read_at_s;  /* received: its letter was, or it was got; 0: not */
    uint64_t ended_at_s; /* 0: it has not, or it is whole */
    uint64_t burn_ms;    /* when it burns, by the clock that never jumps */
    uint32_t burn_s;
    uint32_t expires_h;
    uint64_t bytes;
    uint8_t hash[FILE_HASH_BYTES];
    uint64_t here;     /* bit i: part i came, or was confirmed */
    uint64_t posted;   /* sent: bit i: part i is or was under way */
    uint64_t fetching; /* sent: bit i: to be posted; not kept */
    uint8_t key[32];   /* of its parts; zeros once these are gone */
    size_t name_size;
    uint8_t name[LIMIT_FILE_NAME_BYTES];
    size_t part_count;
    uint8_t parts[LIMIT_FILE_PARTS][FILE_HASH_BYTES];
};

/* What a fetch of parts is for. */
enum files_errand_kind { FILES_POST, FILES_CHECK, FILES_GET };
struct files_errand {
    uint64_t row; /* the ticket */
    enum files_errand_kind kind;
    uint64_t file; /* CHECK, GET */
    size_t number; /* GET */
    struct asker asker;
};

/* Files and parts that were refused since the vault was unlocked. */
struct files_refused {
    uint64_t names;  /* files, for these reasons: */
    uint64_t sizes;  /* */
    uint64_t room;   /* */
    uint64_t counts; /* */
    uint64_t strangers;
    uint64_t unknown; /* parts of no file that is arriving */
    uint64_t parts;   /* parts that are not what the file's letter says */
};

struct files {
    struct rows rows;
    struct rows errands; /* by ticket */
    struct files_refused refused;
    uint64_t spent_ms;          /* until when the allowance of parts is spent */
    uint64_t parts_ms;          /* when more may go; 0: nothing waits for it */
    struct message_id answered; /* the unknown file that was last said to be */
};

enum {
    FILES_ERRANDS = 256,
    FILES_KEPT_S = 7 * 24 * 3600, /* once it has ended, but for a whole one */
};

void files_init(struct files *files);
void files_clear(struct files *files);
MUST_USE enum status files_load(
    struct files *files, struct step *step, const struct vault_record *record);

/* Have those burn that are to, from now on. */
void files_start(struct files *files, struct step *step);

/* One by its row; one by its letter's id, sent to or received from a contact;
 * the first after a row.  NULL. */
struct file *files_get(const struct files *files, uint64_t row);
struct file *files_find(const struct files *files, uint64_t contact, bool sent,
    const struct message_id *id);
struct file *files_next(const struct files *files, uint64_t row);

/* The one whose id begins so: STATUS_NOT_FOUND, STATUS_AMBIGUOUS; answers why
 * not. */
MUST_USE enum status files_find_prefix(const struct files *files,
    struct step *step, struct span id, struct file **out);

/* Begin one that is sent, or received, of a letter of type FILE.  Its parts are
 * to be stored in the same step, those of one that is sent.
 *
 * Sent: STATUS_FULL when LIMIT_FILES_SENT are under way.  Received: *end says
 * why it is refused, with STATUS_REFUSED, and it is counted. */
bool files_may_send(const struct files *files);
struct file *files_send(struct files *files, struct step *step,
    uint64_t contact, const struct letter *letter, bool urgent);
struct files_sender {
    uint64_t contact;
    bool is_stranger; /* who is no contact sends no files */
};
MUST_USE enum status files_receive(struct files *files, struct step *step,
    const struct files_sender *sender, const struct letter *letter,
    enum file_end *end);

/* Change a state; one that is at its end has its parts and their key
 * destroyed, unless it is whole.  Store what has changed. */
void file_end_as(struct step *step, struct file *file, enum file_state state);
void file_save(struct step *step, const struct file *file);

/* Whether it has not come to its end; and is dead: ended, and not whole. */
bool file_is_under_way(const struct file *file);
bool file_is_dead(const struct file *file);

/* Parts with the same hash are one, which has the number of the first; the row
 * of its record.  Destroy all, with the key to them. */
enum { FILE_NUMBER_BITS = 8 };
size_t file_first_like(const struct file *file, size_t number);
uint64_t file_part_row(const struct file *file, size_t number);
void file_delete_parts(struct step *step, struct file *file);

/* Destroy one; all of a contact. */
void files_forget(struct files *files, struct step *step, uint64_t row);
void files_forget_contact(
    struct files *files, struct step *step, uint64_t contact);

/* Its letter was read, or it was got. */
void file_mark_read(struct step *step, struct file *file);

/* Destroy one whose time has come.  The next after a row that expires now, and
 * has been ended; NULL.  Then forget those that ended long ago. */
void files_burn(struct files *files, struct step *step, uint64_t row);
struct file *files_expire(struct files *files, struct step *step, uint64_t row);
void files_sweep(struct files *files, struct step *step);

/* As inbox_first_end_h. */
uint64_t files_first_end_h(const struct files *files);

/* How many are in a state. */
uint64_t files_count(const struct files *files, enum file_state state);

/* Describe one, without the contact; a word for its state. */
uint64_t file_bytes_done(const struct file *file);
void file_describe(
    struct step *step, const struct file *file, struct control_file *out);
const char *file_state_word(const struct file *file);

/* The rest is for the files of this room. */

/* When one that burns has burned, at the latest: as a letter, but the reading
 * begins when the whole is here.  The hour after which its record is not to be
 * readable, or the end of hours: for one that stays, and for one of which the
 * content is gone. */
uint64_t file_burn_end_s(const struct file *file);
uint64_t file_end_h(const struct file *file);

/* Set the name, and the hashes of the parts; both fit. */
void file_take_name(struct file *file, struct span name);
void file_take_hashes(struct file *file, struct span parts);

#endif
