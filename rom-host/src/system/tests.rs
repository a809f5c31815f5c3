use super::*;
use crate::files::FileMap;

/// What is read of a host with these files, this os-release and this command line of the kernel.
fn read(paths: &[&str], os_release: &str, command_line: &str) -> System {
    let mut files = FileMap::default();
    files.write("/etc/os-release", os_release);
    for path in paths {
        files.write(path, "");
    }
    let words: Vec<String> = command_line.split_whitespace().map(str::to_owned).collect();
    System::read(&files, &words)
}

#[track_caller]
fn is(seen: System, distribution: Distribution, loader: Loader, initramfs: Option<Initramfs>) {
    assert_eq!(seen, System { distribution, loader: Some(loader), initramfs });
}

#[test]
fn proxmox_ve_is_not_taken_for_debian() {
    let grub = "BOOT_IMAGE=/boot/vmlinuz-6.17.2-1-pve root=/dev/mapper/pve-root ro quiet";
    let own = Distribution::ProxmoxVe;
    let tools = Some(Initramfs::UpdateInitramfs);
    let files = ["/etc/pve/local", "/etc/default/grub", "/usr/sbin/update-initramfs"];
    is(read(&files, "ID=debian\n", grub), own, Loader::Grub, tools);
    let synced = [&files[..], &["/etc/kernel/proxmox-boot-uuids"]].concat();
    is(read(&synced, "ID=debian\n", grub), own, Loader::GrubProxmoxBoot, tools);
    // GRUB's file is there too, and is not read.
    let systemd = "initrd=\\EFI\\proxmox\\6.17.2-1-pve\\initrd.img-6.17.2-1-pve boot=zfs";
    is(read(&synced, "ID=debian\n", systemd), own, Loader::ProxmoxBoot, tools);
}

#[test]
fn distributions_by_os_release() {
    let tools = Some(Initramfs::UpdateInitramfs);
    let mint = "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
    is(read(&["/etc/default/grub"], mint, ""), Distribution::Debian, Loader::Grub, tools);
    is(
        read(&["/etc/kernel/cmdline"], "ID=debian\n", "initrd=\\abc\\6.12\\initrd.img"),
        Distribution::Debian,
        Loader::KernelInstall,
        tools,
    );
    let dracut = Some(Initramfs::Dracut);
    let nobara = "ID=nobara\nID_LIKE=\"rhel centos fedora\"\n";
    let grub = ["/etc/default/grub", "/usr/sbin/grubby", "/boot/loader/entries/a.conf"];
    is(read(&grub, nobara, ""), Distribution::Fedora, Loader::Grubby, dracut);
    let suse = "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n";
    is(read(&["/etc/default/grub"], suse, ""), Distribution::Suse, Loader::Grub2Mkconfig, dracut);
    let mkinitcpio = Some(Initramfs::Mkinitcpio);
    let arch = |paths: &[&str], line: &str| read(paths, "ID=arch\n", line);
    is(arch(&["/etc/default/grub"], ""), Distribution::Arch, Loader::GrubMkconfig, mkinitcpio);
    let entries = ["/boot/loader/entries/arch.conf"];
    is(arch(&entries, "initrd=\\initramfs"), Distribution::Arch, Loader::Entries, mkinitcpio);
    is(arch(&[], "initrd=\\initramfs"), Distribution::Arch, Loader::Entries, mkinitcpio);
    let efi = ["/efi/loader/entries/arch.conf"];
    is(arch(&efi, ""), Distribution::Arch, Loader::EntriesOnEfi, mkinitcpio);
    let unified = ["/etc/kernel/cmdline"];
    is(arch(&unified, ""), Distribution::Arch, Loader::UnifiedImage, mkinitcpio);
    let with_dracut = ["/etc/default/grub", "/usr/bin/dracut"];
    is(arch(&with_dracut, ""), Distribution::Arch, Loader::GrubMkconfig, dracut);
}

#[test]
fn distributions_by_files_that_only_they_have() {
    let grub = "/etc/default/grub";
    let nixos = read(&["/etc/NIXOS", grub], "ID=nixos\n", "");
    is(nixos, Distribution::NixOs, Loader::NixOs, Some(Initramfs::NixOs));
    let unraid = read(&["/etc/unraid-version"], "ID=slackware\n", "");
    is(unraid, Distribution::Unraid, Loader::Syslinux, None);
    let true_nas = read(&["/usr/bin/midclt", grub], "ID=debian\n", "");
    is(true_nas, Distribution::TrueNas, Loader::TrueNas, None);
    let bazzite = read(&["/run/ostree-booted", grub], "ID=bazzite\nID_LIKE=\"fedora\"\n", "");
    let rpm = Some(Initramfs::RpmOstree);
    is(bazzite, Distribution::FedoraAtomic, Loader::RpmOstree, rpm);
}

/// Where nothing shows it, nothing is said.
#[test]
fn what_is_not_seen_is_not_guessed() {
    let unknown = read(&[], "ID=void\n", "");
    let expected = System { distribution: Distribution::Other, loader: None, initramfs: None };
    assert_eq!(unknown, expected);
    assert!(unknown.rebuild_initramfs().is_empty() && unknown.boot_options().is_none());
}

#[test]
fn every_row_is_whole() {
    for own in Distribution::ALL {
        let places = own.places();
        assert_ne!(places.ssh.is_empty(), places.ssh_by_hand.is_empty(), "{own:?}");
        assert!(!places.qemu.is_empty() && !places.name.is_empty(), "{own:?}");
        for folder in [places.rom_folder, places.modprobe_folder, places.declared] {
            assert!(folder.is_none_or(|path| path.starts_with('/')), "{own:?}");
        }
        assert!(places.journal_folder.starts_with('/'), "{own:?}");
        let words = [places.name, places.ssh_by_hand].concat();
        assert!(own == Distribution::ProxmoxVe || !words.contains("Proxmox"), "{own:?}");
    }
    for own in Loader::ALL {
        let options = own.options();
        let by_program = matches!(options.format, Format::Program { .. } | Format::Whole);
        assert_eq!(options.path.is_none(), by_program, "{own:?}");
    }
}
