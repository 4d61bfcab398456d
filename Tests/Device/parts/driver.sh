# Finds the device, and the driver where the machine has it but does not say so. Sourced by run.

# Folders of the kit's spare libraries that this machine has not got itself. Its own are preferred: a driver may need them.
use_spare_libraries() {
    local names=() seen name folders=''
    for folder in "$kit"/lib/spare/*/; do names+=("$(basename "$folder")"); done
    # The linker tells which of them it cannot find, for a program that needs none of them.
    seen=$(LD_TRACE_LOADED_OBJECTS=1 LD_PRELOAD="${names[*]}" /bin/true 2>&1)
    for name in "${names[@]}"; do
        grep -qE "^\s*($name|/\S*/$name) (=>|\()" <<<"$seen" && continue
        folders+=:$kit/lib/spare/$name
        echo "taken from the kit: $name"
    done
    [ -z "$folders" ] || export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH}$folders
    [[ ${LD_LIBRARY_PATH:-} != :* ]] || LD_LIBRARY_PATH=${LD_LIBRARY_PATH#:}
}

use_spare_libraries >"$out/logs/start.log"

# What helps to find out why there is no driver.
describe_machine() {
    uname -a
    cat /proc/driver/nvidia/version
    ls -l /dev/nvidia* /dev/dri
    nvidia-smi
    ls /etc/vulkan/icd.d /usr/share/vulkan/icd.d
    PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -iE 'nvidia|vulkan'
    env | grep -E '^(NVIDIA|VK_|CUDA)'
}

# Lists the devices into work/devices; true when one is a graphics device, or the one that was asked for.
list_devices() {
    bounded "$kit/bin/mae-worker" --list-devices >"$out/work/devices" 2>"$out/work/errors"
    cat "$out/work/devices" "$out/work/errors"
    chosen=$(awk -F '  +' -v wanted="${device:+vulkan:$device}" '
        /^vulkan:/ && ($1 == wanted || (wanted == "" && $4 != "cpu" && $6 != "cannot be opened")) { print $1; exit }' \
        "$out/work/devices")
    [ -n "$chosen" ]
}

# NVIDIA's driver without the file that names it: containers often have it so.
name_nvidia_driver() {
    local library path
    # The second is the part that needs no window system.
    for library in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do
        path=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p | awk -v name="$library" '$1 == name && !found++ { print $NF }')
        for path in $path /usr/lib/*-linux-gnu/$library /usr/lib64/$library /usr/local/nvidia/lib64/$library; do
            [ -e "$path" ] || continue
            printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.3.0"}}\n' "$path" \
                >"$out/work/nvidia.json"
            export VK_DRIVER_FILES=$out/work/nvidia.json VK_ICD_FILENAMES=$out/work/nvidia.json
            echo "trying $path"
            list_devices && return 0
            LD_TRACE_LOADED_OBJECTS=1 LD_PRELOAD=$path /bin/true | grep 'not found'
            unset VK_DRIVER_FILES VK_ICD_FILENAMES
        done
    done
    return 1
}

# Why there is no device, in a sentence.
missing_driver() {
    if [ -n "$device" ]; then
        echo "there is no device vulkan:$device; the log shows which there are"
    elif [ -e /proc/driver/nvidia/version ] && ! grep -q 'trying' "$log"; then
        echo "NVIDIA's kernel driver is loaded, but its Vulkan driver (libGLX_nvidia.so.0 or libEGL_nvidia.so.0) is not" \
            "installed: a container needs NVIDIA_DRIVER_CAPABILITIES=all or graphics, a machine the package libnvidia-gl" \
            "of the same version"
    elif [ -e /proc/driver/nvidia/version ]; then
        echo "NVIDIA's Vulkan driver is there but offers no device; the log shows what it lacks," \
            "often /dev/nvidia-modeset or /dev/dri, or a library"
    elif grep -q '^vulkan:' "$out/work/devices"; then
        echo "there is no graphics device, only a processor's; --device 0 takes the first one all the same"
    else
        echo "there is no Vulkan driver: $(head -n 1 "$out/work/errors")"
    fi
}

# The step that finds the device and sets `device` and what describes it.
find_device() {
    describe_machine 2>&1
    if ! list_devices && ! name_nvidia_driver; then
        status=failed note=$(missing_driver)
        device=''
        return
    fi
    device=$chosen
    IFS=$'\t' read -r device_name device_driver device_kind device_memory device_class device_arithmetic < <(
        awk -F '  +' -v OFS='\t' -v chosen="$chosen" '$1 == chosen { print $2, $3, $4, $5, $6, $7 }' "$out/work/devices")
    device_reason=$(awk -v chosen="$chosen" '
        found { sub(/^ +/, ""); print; exit } index($0, chosen " ") == 1 { found = 1 }' "$out/work/devices")
    note="$device_name, $device_driver: $device_class, $device_arithmetic"
    # Another class is another way to compute: its bits are compared all the same, so that the reason is seen.
    [ "$device_class" = canonical-v1 ] || status=differs
}

end_without_device() {
    exit_code=69
    finish
}
