#include "CBuckets.h"
