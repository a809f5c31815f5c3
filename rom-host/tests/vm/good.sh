#!/bin/sh
# Starts the VM with the iGPU.
exec qemu-system-x86_64 -accel kvm -machine pc -cpu host -m 8G -smp 4 \
  -drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd \
  -drive if=pflash,format=raw,file=vars.fd \
  -vga none -display none -netdev user,id=net0 \
  -device vfio-pci,host=0000:00:02.0,id=hostpci0,bus=pci.0,addr=2.0,x-igd-lpc=on,romfile=/usr/share/kvm/igd.rom \
  -device virtio-net-pci,netdev=net0 \
  -drive file=disk.qcow2,if=virtio
