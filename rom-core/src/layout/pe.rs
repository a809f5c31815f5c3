//! PE images: the structures of their headers. goblin reads the headers; these are what is written,
//! and where fields are that firmware hashes or passes over.

use super::field::structure;
use super::{Machine, Subsystem};

structure! {
    /// What a PE image begins with (PE/COFF, 2). 64 bytes.
    DosHeader, DosHeaderPlaces, "DOS header" {
        /// "MZ".
        magic: [u8; 2] = "signature" Ascii,
        /// For DOS.
        unused: [u8; 58] = "unused" Raw,
        /// Offset of [`PeHeader`], in bytes.
        pe_offset: u32 = "PE offset" Number,
    }
}

structure! {
    /// Signature and file header (PE/COFF, 3.2 and 3.3). 24 bytes.
    PeHeader, PeHeaderPlaces, "PE header" {
        /// "PE\0\0".
        signature: [u8; 4] = "signature" Ascii,
        /// Machine that the image runs on.
        machine: Machine = "machine" Machine,
        /// Entries of the section table.
        number_of_sections: u16 = "number of sections" Number,
        /// When it was made, or anything.
        time_date_stamp: u32 = "time date stamp" Number,
        /// Symbol table, and how many symbols it has.
        symbols: [u32; 2] = "symbols" Raw,
        /// Bytes of the optional header, with its data directories.
        size_of_optional_header: u16 = "size of optional header" Number,
        /// Bit 0: relocations were taken out.
        characteristics: u16 = "characteristics" Number,
    }
}

structure! {
    /// Optional header of PE32+, without its data directories (PE/COFF, 3.4). 112 bytes.
    OptionalHeader, OptionalHeaderPlaces, "optional header" {
        /// 0x20b; 0x10b for PE32.
        magic: u16 = "magic" Number,
        /// Version of the linker.
        linker_version: [u8; 2] = "linker version" Raw,
        /// Bytes of code.
        size_of_code: u32 = "size of code" Number,
        /// Bytes of data.
        size_of_initialized_data: u32 = "size of initialized data" Number,
        /// Bytes of data that begins as zeros.
        size_of_uninitialized_data: u32 = "size of uninitialized data" Number,
        /// Relative to the image base.
        address_of_entry_point: u32 = "address of entry point" Number,
        /// Relative to the image base.
        base_of_code: u32 = "base of code" Number,
        /// Address that the image is linked for.
        image_base: u64 = "image base" Number,
        /// What sections begin at a multiple of in memory.
        section_alignment: u32 = "section alignment" Number,
        /// What sections begin at a multiple of in the file.
        file_alignment: u32 = "file alignment" Number,
        /// Of the operating system, of the image, of the subsystem: major and minor each.
        versions: [u16; 6] = "versions" Raw,
        /// Zero.
        win32_version: u32 = "Win32 version" Number,
        /// Bytes in memory.
        size_of_image: u32 = "size of image" Number,
        /// Bytes up to the first section.
        size_of_headers: u32 = "size of headers" Number,
        /// Sum over the file.
        check_sum: u32 = "checksum" Number,
        /// What runs it.
        subsystem: Subsystem = "subsystem" Subsystem,
        /// Flags for Windows.
        dll_characteristics: u16 = "DLL characteristics" Number,
        /// Sizes of stack and heap.
        stack_and_heap: [u64; 4] = "stack and heap" Raw,
        /// Zero.
        loader_flags: u32 = "loader flags" Number,
        /// Data directories that follow.
        number_of_data_directories: u32 = "number of data directories" Number,
    }
}

impl OptionalHeader {
    /// Magic of PE32.
    pub const PE32: u16 = 0x010B;
    /// Magic of PE32+.
    pub const PE32_PLUS: u16 = 0x020B;
    /// Bytes of the optional header of PE32 without its data directories: five fields have half the
    /// size, and base of data is one more.
    pub const SIZE_PE32: usize = 96;
}

structure! {
    /// A data directory of the optional header (PE/COFF, 3.4.3). 8 bytes.
    DataDirectory, DataDirectoryPlaces, "data directory" {
        /// Relative to the image base; of certificates an offset in the file.
        address: u32 = "address" Number,
        /// In bytes.
        size: u32 = "size" Number,
    }
}

impl DataDirectory {
    /// Data directories that an image has.
    pub const COUNT: usize = 16;
    /// Index of the certificate table.
    pub const CERTIFICATES: usize = 4;
    /// Index of the base relocations.
    pub const BASE_RELOCATIONS: usize = 5;
}

structure! {
    /// A section header (PE/COFF, 4). 40 bytes.
    PeSectionHeader, PeSectionHeaderPlaces, "section header" {
        /// Filled up with zeros.
        name: [u8; 8] = "name" Ascii,
        /// Bytes in memory.
        virtual_size: u32 = "virtual size" Number,
        /// Relative to the image base.
        virtual_address: u32 = "virtual address" Number,
        /// Bytes in the file.
        size_of_raw_data: u32 = "size of raw data" Number,
        /// Offset in the file.
        pointer_to_raw_data: u32 = "pointer to raw data" Number,
        /// For object files.
        relocations_and_lines: [u32; 3] = "relocations and lines" Raw,
        /// What it may be used for.
        characteristics: u32 = "characteristics" Number,
    }
}

structure! {
    /// An entry of the debug directory (PE/COFF, 5.1.1). 28 bytes.
    DebugEntry, DebugEntryPlaces, "debug directory entry" {
        /// Zero.
        characteristics: u32 = "characteristics" Number,
        /// When it was made, or anything.
        time_date_stamp: u32 = "time date stamp" Number,
        /// Major and minor version of the data.
        version: [u16; 2] = "version" Raw,
        /// What the data is: 2 names the file with the symbols.
        kind: u32 = "type" Number,
        /// Bytes of the data.
        size_of_data: u32 = "size of data" Number,
        /// Relative to the image base; zero where it is not loaded.
        address: u32 = "address" Number,
        /// Offset in the file.
        file_offset: u32 = "file offset" Number,
    }
}

impl DebugEntry {
    /// The type of an entry that names the file with the symbols.
    pub const CODE_VIEW: u32 = 2;
}

structure! {
    /// An entry of the certificate table, without its data (PE/COFF, 5.7: `WIN_CERTIFICATE`). 8
    /// bytes.
    CertificateEntry, CertificateEntryPlaces, "certificate" {
        /// Bytes of the entry with its data.
        length: u32 = "length" Number,
        /// 0x0200.
        revision: u16 = "revision" Number,
        /// What the data is.
        kind: u16 = "type" Number,
    }
}

impl CertificateEntry {
    /// The type of an entry that holds a PKCS #7 signature.
    pub const PKCS_SIGNED_DATA: u16 = 2;
    /// What entries begin at a multiple of.
    pub const ALIGNMENT: usize = 8;
}
