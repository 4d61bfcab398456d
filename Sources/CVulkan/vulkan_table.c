#include "vulkan_table.h"

#include <dlfcn.h>
#include <stddef.h>

#define NAME(name) #name,
static const char *const global_names[] = {MAE_VK_GLOBAL(NAME)};
static const char *const instance_names[] = {MAE_VK_INSTANCE(NAME)};
static const char *const device_names[] = {MAE_VK_DEVICE(NAME)};

/* A table is a row of function pointers in the order of its names. */
#define COUNT(names) (sizeof(names) / sizeof *(names))
_Static_assert(sizeof(struct mae_vk_global) == (COUNT(global_names) + 1) * sizeof(PFN_vkVoidFunction), "one slot a name");
_Static_assert(sizeof(struct mae_vk_instance) == COUNT(instance_names) * sizeof(PFN_vkVoidFunction), "one slot a name");
_Static_assert(sizeof(struct mae_vk_device) == COUNT(device_names) * sizeof(PFN_vkVoidFunction), "one slot a name");

bool mae_vk_load_global(const char *library_name, struct mae_vk_global *table, const char **missing) {
    void *library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        *missing = library_name;
        return false;
    }
    PFN_vkGetInstanceProcAddr get = (PFN_vkGetInstanceProcAddr)dlsym(library, "vkGetInstanceProcAddr");
    if (!get) {
        *missing = "vkGetInstanceProcAddr";
        return false;
    }
    table->vkGetInstanceProcAddr = get;
    PFN_vkVoidFunction *slots = (PFN_vkVoidFunction *)table;
    for (size_t i = 0; i < COUNT(global_names); i++)
        if (!(slots[i] = get(NULL, global_names[i]))) {
            *missing = global_names[i];
            return false;
        }
    return true;
}

bool mae_vk_load_instance(
    const struct mae_vk_global *global, VkInstance instance, struct mae_vk_instance *table, const char **missing) {
    PFN_vkVoidFunction *slots = (PFN_vkVoidFunction *)table;
    for (size_t i = 0; i < COUNT(instance_names); i++)
        if (!(slots[i] = global->vkGetInstanceProcAddr(instance, instance_names[i]))) {
            *missing = instance_names[i];
            return false;
        }
    return true;
}

bool mae_vk_load_device(
    const struct mae_vk_instance *functions, VkDevice device, struct mae_vk_device *table, const char **missing) {
    PFN_vkVoidFunction *slots = (PFN_vkVoidFunction *)table;
    for (size_t i = 0; i < COUNT(device_names); i++)
        if (!(slots[i] = functions->vkGetDeviceProcAddr(device, device_names[i]))) {
            *missing = device_names[i];
            return false;
        }
    return true;
}
