// Written by Sources/CMAEShaders/compile: every module, by name.
#include "assemble_tokens.h"
#include "attention_scores.h"
#include "attention_scores_float64.h"
#include "attention_values.h"
#include "attention_values_float64.h"
#include "drop_leading_tokens.h"
#include "fma_rate.h"
#include "fma_rate_float64.h"
#include "functions.h"
#include "functions_float64.h"
#include "gather_patches.h"
#include "layer_norm.h"
#include "layer_norm_float64.h"
#include "linear.h"
#include "linear_float64.h"
#include "mean_over_tokens.h"
#include "mean_over_tokens_float64.h"
#include "probe.h"
#include "probe_float64.h"
#include "restore_tokens.h"
#include "softmax.h"
#include "softmax_float64.h"

static const struct mae_shader shaders[] = {
    {"assemble_tokens", assemble_tokens_words, sizeof assemble_tokens_words / sizeof *assemble_tokens_words},
    {"attention_scores", attention_scores_words, sizeof attention_scores_words / sizeof *attention_scores_words},
    {"attention_scores_float64", attention_scores_float64_words, sizeof attention_scores_float64_words / sizeof *attention_scores_float64_words},
    {"attention_values", attention_values_words, sizeof attention_values_words / sizeof *attention_values_words},
    {"attention_values_float64", attention_values_float64_words, sizeof attention_values_float64_words / sizeof *attention_values_float64_words},
    {"drop_leading_tokens", drop_leading_tokens_words, sizeof drop_leading_tokens_words / sizeof *drop_leading_tokens_words},
    {"fma_rate", fma_rate_words, sizeof fma_rate_words / sizeof *fma_rate_words},
    {"fma_rate_float64", fma_rate_float64_words, sizeof fma_rate_float64_words / sizeof *fma_rate_float64_words},
    {"functions", functions_words, sizeof functions_words / sizeof *functions_words},
    {"functions_float64", functions_float64_words, sizeof functions_float64_words / sizeof *functions_float64_words},
    {"gather_patches", gather_patches_words, sizeof gather_patches_words / sizeof *gather_patches_words},
    {"layer_norm", layer_norm_words, sizeof layer_norm_words / sizeof *layer_norm_words},
    {"layer_norm_float64", layer_norm_float64_words, sizeof layer_norm_float64_words / sizeof *layer_norm_float64_words},
    {"linear", linear_words, sizeof linear_words / sizeof *linear_words},
    {"linear_float64", linear_float64_words, sizeof linear_float64_words / sizeof *linear_float64_words},
    {"mean_over_tokens", mean_over_tokens_words, sizeof mean_over_tokens_words / sizeof *mean_over_tokens_words},
    {"mean_over_tokens_float64", mean_over_tokens_float64_words, sizeof mean_over_tokens_float64_words / sizeof *mean_over_tokens_float64_words},
    {"probe", probe_words, sizeof probe_words / sizeof *probe_words},
    {"probe_float64", probe_float64_words, sizeof probe_float64_words / sizeof *probe_float64_words},
    {"restore_tokens", restore_tokens_words, sizeof restore_tokens_words / sizeof *restore_tokens_words},
    {"softmax", softmax_words, sizeof softmax_words / sizeof *softmax_words},
    {"softmax_float64", softmax_float64_words, sizeof softmax_float64_words / sizeof *softmax_float64_words},
};
