/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line that makes no sense is passed over, and the first of them told: the
 * others are as good as before.  Files are written whole by file_replace, and
 * each form's own file knows how its lines look. */
#include "config.h"

#include "daemon/kept_file.h"

#include <stdint.h>

#include "platform/file.h"

enum status kept_file_read(const char *path, const struct kept_form *form,
    void *out, struct kept_count *count)
{
    uint8_t text[KEPT_FILE_BYTES];
    size_t size, number = 0, records = 0, wrong = 0;
    struct span rest, line;
    enum status status = file_read(path, text, sizeof(text), &size);
    if (status)
        return status;
    rest = (struct span){text, size};
    while (span_take_line(&rest, &line)) {
        void *record = (uint8_t *)out + records * form->record_bytes;
        number++;
        if (records < form->most && form->read(line, record))
            records++;
        else if (wrong == 0)
            wrong = number;
    }
    *count = (struct kept_count){records, wrong};
    return STATUS_OK;
}
