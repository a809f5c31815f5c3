//! Bytes of the fuzzer as choices: what is made of them is nearly right, and so reaches what blind
//! bytes do not.

/// Bytes as choices; zero once they are used up.
pub(crate) struct Choices<'b>(std::slice::Iter<'b, u8>);

impl<'b> Choices<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes.iter())
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or(0)
    }

    pub(crate) fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// A number below `count`.
    pub(crate) fn of(&mut self, count: u8) -> u8 {
        self.byte() % count
    }

    pub(crate) fn one_in(&mut self, count: u8) -> bool {
        self.of(count) == 1
    }

    pub(crate) fn maybe<T>(&mut self, choose: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.one_in(4) { Some(choose(self)) } else { None }
    }

    /// One of these.
    pub(crate) fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let at = usize::from(self.byte()) % all.len().max(1);
        all.get(at).copied().unwrap_or_default()
    }

    /// Up to `most` of what is chosen, in a row.
    pub(crate) fn some<T>(&mut self, most: u8, mut choose: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.of(most.saturating_add(1))).map(|_| choose(self)).collect()
    }
}

/// Values of VMs, right ones and wrong ones.
pub(crate) const VALUES: [&str; 64] = [
    "0000:00:02.0",
    "00:02.0",
    "00:02",
    "00:1f.3",
    "0000:00:02.1",
    "02.0",
    "2.0",
    "0x2",
    "1f.0",
    "on",
    "off",
    "1",
    "0",
    "yes",
    "",
    "pc",
    "q35",
    "pc-i440fx-10.1+pve0",
    "pc-q35-9.0",
    "none",
    "std",
    "qxl",
    "host",
    "kvm64",
    "max",
    "ovmf",
    "seabios",
    "igd.rom",
    "/usr/share/kvm/igd.rom",
    "a,,b.rom",
    "pci.0",
    "pcie.0",
    "pci.2",
    "hostpci0",
    "hostpci1",
    "net0",
    "vfio-pci",
    "pci-bridge",
    "virtio-net-pci",
    "x-igd-lpc",
    "x-igd-opregion",
    "x-igd-legacy-mode",
    "legacy-igd",
    "romfile",
    "rombar",
    "addr",
    "bus",
    "mapping",
    "igpu",
    "mdev",
    "i915-GVTg_V5_4",
    "multifunction",
    "x-pci-device-id",
    "0xa7a8",
    "8086",
    "4294967296",
    "-1",
    "8192",
    "8G",
    "\u{2028}",
    "$(touch x)",
    "'",
    "\"",
    "\\",
];

/// What is between values.
pub(crate) const BETWEEN: [&str; 8] = [",", "=", ";", ".", ":", " ", "\t", ""];

impl Choices<'_> {
    /// A value of some pieces.
    pub(crate) fn value(&mut self) -> String {
        let mut value = self.pick(&VALUES).to_owned();
        for _ in 0..self.of(6) {
            value.push_str(self.pick(&BETWEEN));
            value.push_str(self.pick(&VALUES));
        }
        value
    }
}
