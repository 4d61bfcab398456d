/* Prints `set case digest` for every kernel of every set that runs here. Equal cases have equal digests, on every
 * instruction set and every architecture. */
#include "cases.h"

int main(void) {
    size_t count;
    const struct mae_kernel_set *const *sets = mae_kernel_sets(&count);
    for (size_t i = 0; i < count; i++) {
        if (!sets[i]->is_supported()) continue;
        row_cases(sets[i]->isa, sets[i]->vector);
        for (size_t j = 0; j < sets[i]->matrix_count; j++) {
            linear_cases(sets[i]->matrix[j]);
            attention_cases(sets[i]->matrix[j]);
        }
    }
    return 0;
}
