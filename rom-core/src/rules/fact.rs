//! What a rule found: its values, its code and its words, each fact once. This is the only place
//! that words a finding.

use super::Code;
use crate::count::Count;
use crate::file_kind::{ArchiveFormat, FileKind, OpenError};
use crate::firmware::LoadFault;
use crate::layout::{CodeType, CompressionType, Machine, Subsystem};
use crate::model::{DecompressFault, DigestAlgorithm, LostImage, TableState};
use crate::plain::Plain;
use std::fmt::{self, Display, Formatter, Write as _};

/// Declares facts: values => the code of the rule, and the words.
macro_rules! facts {
    ($(
        $(#[$about:meta])* $group:ident($family:ident) {$(
            $(#[$doc:meta])*
            $variant:ident $({ $($field:ident: $type:ty),* })? => $code:expr, $words:literal $(, $value:expr)*;
        )*}
    )*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $group {$(
            $(#[$doc])*
            $variant $({$(
                #[doc = concat!("`", stringify!($field), "`, as the sentence above says.")]
                $field: $type,
            )*})?,
        )*}

        impl $group {
            /// The rule that is broken.
            #[must_use]
            pub fn code(&self) -> Code {
                match self {$(
                    Self::$variant $({ $($field),* })? => {
                        $(let _ = ($($field,)*);)?
                        $code
                    }
                )*}
            }
        }

        impl Display for $group {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                match self {$(
                    Self::$variant $({ $($field),* })? => {
                        $(let _ = ($($field,)*);)?
                        write!(f, $words $(, $value)*)
                    }
                )*}
            }
        }

        impl From<$group> for Fact {
            fn from(fact: $group) -> Self {
                Self::$family(fact)
            }
        }
    )*
        /// What was found, with the values that say so. Its words come from `Display`.
        ///
        /// Sizes and offsets are in bytes; `image` is the index of an image of the file.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Fact {
            $($(#[$about])* $family($group),)*
            /// What is wrong with a catalog, in words.
            Catalog(Code, String),
        }

        impl Fact {
            /// The rule that is broken.
            #[must_use]
            pub fn code(&self) -> Code {
                match self {
                    $(Self::$family(fact) => fact.code(),)*
                    Self::Catalog(code, _) => *code,
                }
            }
        }

        impl Display for Fact {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$family(fact) => write!(Plain(f), "{fact}"),)*
                    Self::Catalog(_, message) => Plain(f).write_str(message),
                }
            }
        }
    };
}

facts! {
    /// About the file as a whole.
    FileFact(File) {
        /// It is not an option ROM from its first byte on: `kind` says what it is.
        Kind { kind: FileKind } => kind_code(kind), "this is {kind}";
        /// It is a table of this `kind`, and `state` is what it says of itself.
        Table { kind: FileKind, state: TableState } => Code::GraphicsTable, "this is {kind}{state}";
        /// It is of this `kind`, which could not be opened: `error` says why.
        NotOpened { kind: FileKind, error: OpenError } => kind_code(kind), "this is {kind}: {error}";
        /// It is of this `kind`, and the ROM is inside.
        Packed { kind: FileKind } =>
            if matches!(kind, FileKind::ByteText(_)) { Code::ByteText } else { Code::Packed },
            "this is {kind}, and its contents were checked";
        /// Its first image lost its header: `lost` is what is left.
        LostFirst { lost: LostImage } => Code::LostFirstImage, "the first image is damaged: {lost}";
        /// It is longer than `read`, which is what was looked at.
        TooLarge { read: usize } => Code::TooLarge, "the file is larger than {read} bytes";
        /// It has `size` and an EFI image, and edk2 does not see it.
        TooSmall { size: usize } => Code::TooSmall, "the file has {}", Count(*size, "byte");
        /// Its `size` is not a multiple of 512.
        Uneven { size: usize } => Code::UnevenSize, "the file has {}", Count(*size, "byte");
        /// Something is before the first image, which begins at `first_image`.
        Container { first_image: usize } => Code::Container, "the first image begins at \
            {first_image:#x}";
        /// Unknown data is before the first image, which begins at `first_image`: as long as an
        /// image can be.
        MayBeImage { first_image: usize } => Code::Container, "the first image begins at \
            {first_image:#x}, and what is before it may be an image that has lost its header";
        /// Between images is what is `lost` of another one.
        LostInGap { lost: LostImage } => Code::ChainBroken, "an image between two others is \
            damaged: {lost}";
        /// `length` of data between images belong to none, and nothing tells what they were.
        DataInGap { length: usize } =>
            Code::DataBetween, "{} of data between two images, part of neither",
            Count(*length, "byte");
        /// `length` between images belong to none. `before_legacy` where a legacy image follows.
        Gap { length: usize, before_legacy: bool } =>
            if *before_legacy { Code::GapBeforeLegacy } else { Code::Gap },
            "{} of nothing but 00 or ff between two images", Count(*length, "byte");
        /// `length` of data follow the last image.
        TrailingData { length: usize } => Code::TrailingData, "{} after the last image",
            Count(*length, "byte");
        /// `image` reaches over `at`, where another begins.
        InnerImage { image: usize, at: usize } =>
            Code::InnerImage, "image {image} extends past {at:#x}, where another image begins";
        /// `image` is marked as last, and another begins at `at`.
        HiddenImage { image: usize, at: usize } =>
            Code::HiddenImage, "image {image} is marked as last, but another image begins at \
                {at:#x}";
        /// `image` is marked as last, and after it is what is `lost` of another.
        HiddenPart { image: usize, lost: LostImage } =>
            Code::HiddenImage, "image {image} is marked as last, but a damaged image is after \
                it: {lost}";
        /// The last `missing` of the `declared` of `image` are not in the file. `runs` where it is
        /// started all the same.
        Truncated { image: usize, declared: usize, missing: usize, runs: bool } =>
            if *runs { Code::TruncatedFilling } else { Code::Truncated },
            "image {image} should have {declared} bytes, but the file ends {} earlier",
            Count(*missing, "byte");
        /// `image` promises another, and `follows` is all that follows.
        NoLastImage { image: usize, follows: Follows } =>
            Code::NoLastImage, "{follows} image {image}, which is not marked as last";
        /// `image` promises another, and what is `lost` of one follows.
        ChainBroken { image: usize, lost: LostImage } =>
            Code::ChainBroken, "image {image} is not marked as last, and the next image is \
                damaged: {lost}";
        /// `image`, the last one, says that it is 0 bytes long. `efi` where it is an EFI image.
        ZeroLength { image: usize, efi: bool } =>
            if *efi { Code::ZeroLength } else { Code::ZeroLengthOther }, "image {image} says that \
                it is 0 bytes long";
        /// `image` says that it is 0 bytes long and that another follows.
        ZeroLengthHang { image: usize } =>
            Code::ZeroLengthHang, "image {image} says that it is 0 bytes long and that another \
                follows";
        /// It has more images than the `read` that were read.
        TooManyImages { read: usize } => Code::TooManyImages, "{} were read", Count(*read, "image");
        /// A catalog knows it by `name`, and `note` says what it is.
        Known { name: String, note: String } => Code::KnownFile, "{name}: {note}";
    }

    /// About the PCI data structure of an image.
    PcirFact(Pcir) {
        /// There is none, since it is an ISA ROM of `size` by its size byte.
        IsaRom { size: usize } => Code::IsaRom, "its size byte says {size} bytes";
        /// The pointer to it is 0.
        PointerZero => Code::PcirOffsetZero, "the pointer to it is 0";
        /// `pointer` leads out of the file.
        Outside { pointer: u16 } => Code::PcirOutside, "the pointer {pointer:#x} leads outside \
            the file";
        /// "PCIR" is not where `pointer` leads.
        Signature { pointer: u16 } => Code::PcirSignature, "there is something else at \
            {pointer:#x} of the image";
        /// `pointer` is not a multiple of 4. `efi` where this image or one after it is an EFI
        /// image.
        Unaligned { pointer: u16, efi: bool } =>
            if *efi { Code::PcirUnaligned } else { Code::LegacyPcirUnaligned },
            "it is at {pointer:#x}, which is not a multiple of 4";
        /// It says that it has `length`, which is less than the `least` of its `revision`.
        Length { length: u16, revision: u8, least: usize } =>
            Code::PcirLength, "it has {length} bytes, but revision {revision} has {least}";
        /// No specification has this `revision`.
        Revision { revision: u8 } => Code::PcirRevision, "revision {revision}";
        /// The `indicator` has reserved bits.
        Indicator { indicator: u8 } => Code::IndicatorReserved, "the indicator is {indicator:#04x}";
        /// No specification has this `code_type`.
        UnknownCodeType { code_type: CodeType } => Code::CodeTypeUnknown, "code type {:#04x}", code_type.0;
        /// The device list has no end.
        DeviceListEndless => Code::DeviceList, "the list has no end within the file";
        /// `pointer` is `offset`, which is outside of the image.
        PointerOutside { pointer: PcirPointer, offset: u16 } =>
            Code::PointerOutside, "the {pointer} pointer is {offset:#x}";
        /// NVIDIA's extension says that the image has `own`, the structure that it has `declared`.
        NpdeLength { own: usize, declared: usize } => Code::NpdeDiffers, "{own} bytes instead of \
            {declared}";
    }

    /// About the header of an EFI image.
    EfiFact(Efi) {
        /// There is one under `code_type`, which is not that of EFI images.
        OtherCodeType { code_type: CodeType } => Code::EfiUnderOtherType, "code type \
            {code_type}, but an EFI header";
        /// The EFI signature is `signature`.
        Signature { signature: u32 } => Code::EfiSignature, "{signature:#010x} instead of \
            0x00000ef1";
        /// `subsystem` is not a driver's.
        Subsystem { subsystem: Subsystem } => Code::EfiSubsystem, "subsystem {subsystem}";
        /// No specification has this `compression_type`.
        UnknownCompression { compression_type: CompressionType } =>
            Code::EfiCompressionType, "type {compression_type}";
        /// The `header` names another machine than the `driver`.
        Machine { header: Machine, driver: Machine } =>
            Code::EfiMachineDiffers, "the header says {header}, the driver {driver}";
        /// The initialization size is 0.
        InitializationZero => Code::EfiInitializationZero, "firmware would load nothing";
        /// The `initialization` size is larger than the `declared` size of the image.
        InitializationBeyondImage { initialization: usize, declared: usize } =>
            Code::EfiInitializationBeyondImage, "it is {initialization} bytes, but the image has \
                {declared}";
        /// The driver, `compressed` or not, would begin at `offset`: in the header, or outside of
        /// the `initialization` size.
        PayloadOffset { offset: usize, initialization: usize, compressed: bool } =>
            Code::EfiPayloadOffset, "the {} would begin at {offset:#x} of {initialization:#x} \
                bytes",
            if *compressed { "compressed driver" } else { "driver" };
    }

    /// About the driver of an EFI image.
    DriverFact(Driver) {
        /// Compressed data has this `fault` after `at`. `tiano` where it is sound as data of the
        /// Tiano variant.
        Decompress { fault: DecompressFault, at: usize, tiano: bool } =>
            decompress(*fault, *tiano), "{fault} ({at:#x} bytes into it)";
        /// Compressed data ends after `at`, and firmware takes what it has.
        DecompressShort { at: usize } => Code::EfiDecompressShort, "it has {}, but more are \
            needed", Count(*at, "byte");
        /// Compressed data becomes no byte.
        Empty => Code::PayloadNotPe, "the compressed data is empty";
        /// It begins with neither MZ nor VZ.
        Unknown => Code::PayloadNotPe, "there is neither MZ nor VZ";
        /// It is a terse executable for `machine`.
        Terse { machine: Machine } => Code::TerseImage, "a terse executable for {machine}";
        /// Its headers are not readable.
        Unreadable => Code::PeDamaged, "PE header or section table";
        /// It has `magic`, where drivers for `machine` have `wanted`.
        Magic { magic: u16, machine: Machine, wanted: u16 } =>
            Code::PeMagic, "it is {magic:#x}, but drivers for {machine} have {wanted:#x}";
        /// `entry_point` is not within its `size_of_image`.
        EntryPoint { entry_point: u32, size_of_image: u32 } =>
            Code::PeEntryPoint, "it is at {entry_point:#x}, but the driver has \
                {size_of_image:#x} bytes";
        /// It has `extent`, of which `available` are there. `in_image` where the image has the
        /// rest.
        Cut { extent: usize, available: usize, in_image: bool } =>
            if *in_image { Code::EfiPayloadCut } else { Code::PeCut },
            "it should have {extent} bytes, but has {available}";
        /// Its headers are longer than what is there.
        HeadersCut => Code::PeCut, "its headers are longer than its data";
        /// `subsystem` is none that firmware loads.
        Subsystem { subsystem: Subsystem } => Code::PeSubsystem, "subsystem {subsystem}";
        /// It runs at `image_base` only.
        Fixed { image_base: u64 } => Code::PeFixed, "it is linked for address {image_base:#x}";
        /// Its relocations lead out of it.
        Relocations => Code::PeRelocations, "a block or an entry points outside the driver";
        /// The loader gives up with `fault`.
        Refused { fault: LoadFault } =>
            if *fault == LoadFault::Magic { Code::PeMagic } else { Code::PeHeaders }, "{fault}";
        /// Its certificate table holds no signature.
        NoSignature => Code::SignatureUnreadable, "its certificate table holds no signature";
        /// Its digest by `algorithm` cannot be made.
        NoDigest { algorithm: DigestAlgorithm } =>
            Code::SignatureUnreadable, "the digest of the driver ({}) cannot be made", algorithm.name();
        /// `after` of padding follow it, and are part of the digest that firmware makes.
        SignaturePadding { after: usize } =>
            Code::SignaturePadding, "firmware includes {} after the driver in its digest",
            Count(*after, "byte");
        /// Its digest by `algorithm` is not the signed one.
        SignatureDiffers { algorithm: DigestAlgorithm } =>
            Code::SignatureDiffers, "its {} differs from the signed one", algorithm.name();
    }

    /// About a legacy image.
    LegacyFact(Legacy) {
        /// Its size byte is 0.
        SizeZero => Code::LegacySizeZero, "a BIOS would load nothing";
        /// The `size` by its size byte sum to `sum`.
        Checksum { size: usize, sum: u8 } => Code::LegacyChecksum, "the {size} bytes sum to \
            {sum:#04x} instead of 0";
        /// Its size byte says `size`, and the file ends before. `runs` where it is started all the
        /// same.
        Truncated { size: usize, runs: bool } =>
            if *runs { Code::TruncatedFilling } else { Code::Truncated },
            "the size byte says {size} bytes, but the file ends earlier";
        /// Its size byte says `size`, its PCI data structure `declared`.
        SizeDiffers { size: usize, declared: usize } =>
            Code::LegacySizeDiffers, "the size byte says {size} bytes, the PCI data structure \
                {declared}";
        /// It needs `run_time` at run time and has `declared`.
        RunTimeLength { run_time: usize, declared: usize } =>
            Code::LegacyRunTimeLength, "it is {run_time} bytes, but the image has {declared}";
        /// The bytes of a $PnP header sum to `sum`.
        PnpChecksum { sum: u8 } => Code::PnpChecksum, "its bytes sum to {sum:#04x} instead of 0";
        /// A pointer to the next $PnP header leads to something else.
        PnpPointer => Code::PnpHeader, "the pointer to the next header does not lead to one";
    }

    /// About what all images come to.
    FitnessFact(Fitness) {
        /// No image holds an EFI driver.
        LegacyOnly => Code::LegacyOnly, "no image has an EFI driver";
        /// All images are of these `types`, none of them a PC's.
        NoPcImage { types: Vec<CodeType> } => Code::NoPcImage, "only code of type {}", Listed(types);
        /// All drivers are for these `machines`.
        NoX64Driver { machines: Vec<Machine> } => Code::NoX64Driver, "only for {}", Listed(machines);
        /// The `vendor` id is the decimal number `meant`.
        DecimalVendor { vendor: u16, meant: u16 } =>
            Code::DecimalVendor, "{vendor:04x} is the decimal number {meant:04x}";
        /// The `size` of a Video BIOS Table sum to `sum`.
        VbtChecksum { size: usize, sum: u8 } => Code::VbtChecksum, "its {size} bytes sum to \
            {sum:#04x} instead of 0";
    }
}

/// What follows the last image of a chain that promises another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// Nothing: the file ends.
    Nothing,
    /// Padding.
    Padding,
    /// Other data.
    Data,
}

impl Display for Follows {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "the file ends with",
            Self::Padding => "only padding follows",
            Self::Data => "only other data follows",
        })
    }
}

/// A pointer that revision 3 of the PCI data structure has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PcirPointer {
    /// To the configuration utility.
    ConfigurationUtility,
    /// To the entry point of DMTF CLP.
    DmtfClp,
}

impl Display for PcirPointer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConfigurationUtility => "configuration utility",
            Self::DmtfClp => "DMTF CLP entry point",
        })
    }
}

/// Values with commas between them.
struct Listed<'a, T>(&'a [T]);

impl<T: Display> Display for Listed<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, value) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            value.fmt(f)?;
        }
        Ok(())
    }
}

/// The rule that a file of this kind breaks.
const fn kind_code(kind: &FileKind) -> Code {
    match kind {
        FileKind::Empty => Code::Empty,
        FileKind::AllZero => Code::AllZero,
        FileKind::AllOnes => Code::AllOnes,
        FileKind::OptionRomAt { .. } => Code::Container,
        FileKind::CutHeader { .. } => Code::Truncated,
        FileKind::DamagedRom { .. } => Code::LostFirstImage,
        FileKind::IsaRom(_) => Code::IsaRom,
        FileKind::EfiDriver(_) => Code::BareDriver,
        FileKind::EfiApplication(_) | FileKind::TerseImage(_) => Code::FirmwareProgram,
        FileKind::FirmwareSection(_) | FileKind::FirmwareFile(_) => Code::FirmwarePart,
        FileKind::FirmwareImage(_) => Code::FirmwareImage,
        FileKind::UpdateProgram(_) => Code::UpdateProgram,
        FileKind::DamagedProgram
        | FileKind::WindowsProgram
        | FileKind::DosProgram
        | FileKind::ElfProgram
        | FileKind::MachProgram => Code::Program,
        FileKind::Archive(ArchiveFormat::Zip) => Code::ZipArchive,
        FileKind::Archive(ArchiveFormat::Gzip) => Code::GzipArchive,
        FileKind::Archive(ArchiveFormat::SevenZip) => Code::SevenZipArchive,
        FileKind::Archive(_) => Code::Archive,
        FileKind::VideoBiosTable | FileKind::OpRegion | FileKind::Vfct => Code::GraphicsTable,
        FileKind::WebPage { .. } => Code::HtmlPage,
        FileKind::ServerAnswer { .. } => Code::ServerAnswer,
        FileKind::GitLfsPointer { .. } => Code::GitLfsPointer,
        FileKind::ByteText(_) | FileKind::Text(_) => Code::Text,
        FileKind::Transferred(_) => Code::Transferred,
        FileKind::OptionRom | FileKind::Unknown => Code::NoSignature,
    }
}

const fn decompress(fault: DecompressFault, tiano: bool) -> Code {
    match fault {
        _ if tiano => Code::EfiTiano,
        DecompressFault::Header
        | DecompressFault::Cut
        | DecompressFault::TooLarge
        | DecompressFault::Blocks => Code::EfiCompressedSize,
        DecompressFault::Table | DecompressFault::Distance | DecompressFault::Short => {
            Code::EfiDecompress
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_has_its_code_and_its_words() {
        let fact = Fact::from(FileFact::Gap { length: 512, before_legacy: true });
        assert_eq!(
            (fact.code(), fact.to_string().as_str()),
            (Code::GapBeforeLegacy, "512 bytes of nothing but 00 or ff between two images")
        );
        let fact = Fact::from(FileFact::NoLastImage { image: 1, follows: Follows::Padding });
        assert_eq!(fact.to_string(), "only padding follows image 1, which is not marked as last");
        let fact = Fact::from(FitnessFact::NoX64Driver {
            machines: vec![Machine::IA32, Machine::AARCH64],
        });
        assert_eq!(
            (fact.code(), fact.to_string().as_str()),
            (Code::NoX64Driver, "only for x86, arm64")
        );
        let fact = Fact::Catalog(Code::CatalogName, "\"a/b\"".to_owned());
        assert_eq!((fact.code(), fact.to_string().as_str()), (Code::CatalogName, "\"a/b\""));
    }
}
