"""libvirtd and qemu: domains, events, and live migration in its five phases."""
