/* The importer over any bytes: it accepts or refuses, and what it accepts is a frame. */
#include "fuzz.h"

#include "base/hash.h"
#include "data/read/csv.h"

const char fuzz_corpus[] = "csv";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct csv_report report;
    struct error err = {0};
    struct frame *f = csv_import_text("fuzz", (const char *)data, n, &report, NULL, &err);
    if (f) {
        struct bytes encoded = {0};
        frame_encode(f, &encoded);
        struct frame *again = frame_decode(encoded.data, encoded.n, &err);
        ASSERT(again != NULL && f->rows == report.rows && report.stamp != CSV_STAMP_GUESS);
        frame_free(again);
        bytes_free(&encoded);
    } else {
        ASSERT(err.kind != ERROR_NONE && err.text[0] != '\0');
    }
    frame_free(f);
    csv_report_free(&report);
    return 0;
}
