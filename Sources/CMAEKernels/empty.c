#include "mae_kernels.h"
