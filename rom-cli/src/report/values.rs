//! Values that are text in JSON.

use crate::text::{Block, Part};
use rom_core::catalog::{Confidence, Evidence};
use rom_core::contents::DriverKind;
use rom_core::firmware::Outcome;
use rom_core::model::ImageKind;
use rom_core::usable::Answer;
use rom_core::{DeviceId, Digest, Severity, Verdict};
use rom_host::checks::Status;
use rom_host::explain::{Layer, Matters};
use rom_host::steps::Risk;
use rom_host::vm::model::Manager;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A value that JSON has as its text, of a form that the schema states.
macro_rules! as_text {
    ($(#[$doc:meta])* $name:ident($value:ty), $pattern:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) $value);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl From<$value> for $name {
            fn from(value: $value) -> Self {
                Self(value)
            }
        }

        impl Part for $name {
            fn append_to(self, block: &mut Block) {
                self.0.append_to(block);
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

as_text! {
    /// A SHA-256, in hex.
    Sha256(Digest), "^[0-9a-f]{64}$"
}

as_text! {
    /// Vendor and device of a PCI function, in hex.
    PciId(DeviceId), "^[0-9a-f]{4}:[0-9a-f]{4}$"
}

/// Bytes, in hex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HexBytes(pub(crate) Vec<u8>);

impl From<Vec<u8>> for HexBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl HexBytes {
    /// The first bytes with a space between them, `..` for the rest.
    pub(crate) fn spaced(&self, most: usize) -> String {
        let shown: Vec<String> =
            self.0.iter().take(most).map(|byte| format!("{byte:02x}")).collect();
        format!("{}{}", shown.join(" "), if self.0.len() > most { " .." } else { "" })
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl JsonSchema for HexBytes {
    fn schema_name() -> Cow<'static, str> {
        "HexBytes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^([0-9a-f]{2})*$" })
    }
}

/// A value of an enum that JSON has as its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name<T>(pub(crate) T);

/// An enum whose values have names.
pub(crate) trait Named: Copy + 'static {
    /// What the schema calls it.
    const TITLE: &'static str;
    /// All its values.
    const ALL: &'static [Self];

    /// The name of the value.
    fn value_name(self) -> &'static str;
}

macro_rules! named {
    ($($type:ty, $name:ident { $($variant:ident),* $(,)? })*) => { $(
        impl Named for $type {
            const TITLE: &'static str = stringify!($type);
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn value_name(self) -> &'static str {
                self.$name()
            }
        }
    )* };
}

named! {
    Answer, name { Yes, No, Unknown }
    Confidence, name { High, Medium, Low }
    DriverKind, id {
        IgdAssignment, IgdAssignmentAndGop, PlatformGopPolicy, IntelGop, AmdGop, NvidiaGop,
        OtherGop, LegacyVideo, DisplayWithoutPci, Ipxe, Network, Unknown,
    }
    Evidence, name { Proved, Independent, ReleasePage }
    ImageKind, name { Efi, Legacy, OpenFirmware, HpPaRisc, Unknown }
    Layer, name { Kernel, Driver, Qemu, Proxmox, Libvirt, Firmware, Guest, Tool, Symptom }
    Manager, name { Proxmox, Libvirt, Qemu }
    Matters, name { Good, No, Perhaps, Yes }
    Outcome, name { Runs, Skipped, Refused, Unreached }
    Risk, name { Safe, GuestVisible, Reinstall }
    Severity, name { Note, Warning, Error }
    Status, name { Pass, Warn, Fail, Skip }
    Verdict, name { Good, Warn, Bad }
}

impl<T> From<T> for Name<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Named> Part for Name<T> {
    fn append_to(self, block: &mut Block) {
        self.0.value_name().append_to(block);
    }
}

impl<T: Named> Serialize for Name<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.value_name())
    }
}

impl<T: Named> JsonSchema for Name<T> {
    fn schema_name() -> Cow<'static, str> {
        T::TITLE.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = T::ALL.iter().map(|value| value.value_name()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}
