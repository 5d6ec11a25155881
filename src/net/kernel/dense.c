/* Which of the dense functions run here. */
#include "net/kernel/dense.h"

#include "base/text.h"
#include "net/kernel/kernel.h"

extern const struct dense dense_portable;
#if defined(__x86_64__)
extern const struct dense dense_avx512, dense_avx2;
const struct dense *const dense_table[] = {&dense_avx512, &dense_avx2, &dense_portable, NULL};
#elif defined(__aarch64__)
extern const struct dense dense_neon;
const struct dense *const dense_table[] = {&dense_neon, &dense_portable, NULL};
#else
const struct dense *const dense_table[] = {&dense_portable, NULL};
#endif

bool dense_runs(const struct dense *d)
{
    for (int i = 0; kernel_table[i]; i++)
        if (text_equal(kernel_table[i]->name, d->name))
            return kernel_runs(kernel_table[i]);
    return false;
}

const struct dense *dense_active(void)
{
    const struct kernel *chosen = kernel_active();
    for (int i = 0; dense_table[i]; i++)
        if (chosen ? text_equal(chosen->name, dense_table[i]->name) : dense_runs(dense_table[i]))
            return dense_table[i];
    return &dense_portable;
}
