//! The device ids that Intel's drivers carry. No header announces these tables: they are found by
//! their shape.

use super::GpuIds;
use crate::bytes::{Span, Window};
use bytemuck::{Pod, Zeroable};

/// The GPUs that an IGD assignment driver knows (`VfioIgdPkg`, `IgdAssignmentDxe`: a record has the
/// device id in 16 bits, six zero bytes and a pointer to what is done for its generation).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentTable {
    /// Where it is in the driver.
    pub span: Span,
    /// The device ids, in its order.
    pub ids: Vec<u16>,
    /// How many generations it tells apart.
    pub generations: usize,
}

/// Device ids of one platform in an Intel GOP driver: 16 bits each, ended by a zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GopList {
    /// Where it is in the driver.
    pub span: Span,
    /// The device ids that are known ones, in its order.
    pub ids: Vec<u16>,
}

/// Bytes of a record, and what records begin at a multiple of.
const RECORD: usize = size_of::<Record>();
const ALIGNMENT: usize = 8;
/// What every table seen begins with: Sandy Bridge.
const FIRST_IDS: [u16; 3] = [0x0102, 0x010A, 0x0112];
/// The least records of a table. Shorter runs of records occur by chance.
const FEWEST_RECORDS: usize = 100;

/// The table of an IGD assignment driver.
pub(super) fn assignment_table(driver: Window<'_>) -> Option<AssignmentTable> {
    let starts = (0..driver.len())
        .step_by(ALIGNMENT)
        .filter(|at| driver.u16(*at) == FIRST_IDS.first().copied());
    starts.into_iter().find_map(|at| table_at(driver, at))
}

fn table_at(driver: Window<'_>, at: usize) -> Option<AssignmentTable> {
    let records: Vec<(u16, u64)> =
        (at..).step_by(RECORD).map_while(|at| record(driver, at)).collect();
    let ids: Vec<u16> = records.iter().map(|(id, _)| *id).collect();
    if ids.len() <= FEWEST_RECORDS || !ids.starts_with(&FIRST_IDS) {
        return None;
    }
    let mut pointers: Vec<u64> = records.iter().map(|(_, pointer)| *pointer).collect();
    pointers.sort_unstable();
    pointers.dedup();
    let span = driver.cut(at, ids.len().saturating_mul(RECORD))?.span();
    Some(AssignmentTable { span, ids, generations: pointers.len() })
}

/// A record of the table, seen in place.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Record {
    id: [u8; 2],
    zeros: [u8; 6],
    pointer: [u8; 8],
}

/// Device id and pointer of the record at `at`.
fn record(driver: Window<'_>, at: usize) -> Option<(u16, u64)> {
    let record: &Record = bytemuck::try_from_bytes(driver.cut(at, RECORD)?.bytes()).ok()?;
    let (id, pointer) = (u16::from_le_bytes(record.id), u64::from_le_bytes(record.pointer));
    (id != 0 && record.zeros == [0; 6] && pointer != 0).then_some((id, pointer))
}

/// The least known ids of a list.
const FEWEST_IDS: usize = 3;

/// The lists of an Intel GOP driver, which `known` tells from other words.
///
/// A list may hold ids that nobody knows, of boards that were never sold; but at least half of it
/// are known, which arithmetic tables with the same high byte in every word are not.
pub(super) fn gop_lists(driver: Window<'_>, known: &GpuIds) -> Vec<GopList> {
    let mut lists = Vec::new();
    let mut at = 0_usize;
    while let Some(first) = driver.u16(at) {
        if !known.contains(first) {
            at = at.saturating_add(2);
            continue;
        }
        let words = run(driver, at, known);
        let mut ids: Vec<u16> = Vec::new();
        for id in words.iter().filter(|id| known.contains(**id)) {
            if !ids.contains(id) {
                ids.push(*id);
            }
        }
        let length = words.len().saturating_mul(2);
        if ids.len() >= FEWEST_IDS && ids.len().saturating_mul(2) >= words.len() {
            lists.extend(driver.cut(at, length).map(|part| GopList { span: part.span(), ids }));
        }
        at = at.saturating_add(length.max(2));
    }
    lists
}

/// The words from `at` on that are known ids, or have the high byte of the word before.
fn run(driver: Window<'_>, at: usize, known: &GpuIds) -> Vec<u16> {
    let mut words: Vec<u16> = Vec::new();
    for at in (at..driver.len()).step_by(2) {
        let Some(word) = driver.u16(at) else { break };
        let alike = words.last().is_some_and(|before| {
            word != 0 && word.to_be_bytes().first() == before.to_be_bytes().first()
        });
        if !alike && !known.contains(word) {
            break;
        }
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> GpuIds {
        [0x46A0, 0x46A1, 0x46A3, 0xA7A0, 0xA7A1, 0xA7A8, 0xA780, 0xA78A].into_iter().collect()
    }

    fn bytes(words: &[u16]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn lists_are_split_by_zeros() {
        let bytes = bytes(&[0, 0x46A0, 0x46A1, 0x46A3, 0, 0xA7A0, 0xA7A1, 0xA7A8, 0]);
        let lists = gop_lists(Window::of_file(&bytes), &known());
        assert_eq!(lists.len(), 2);
        assert_eq!(
            (lists[1].ids.as_slice(), lists[1].span),
            (&[0xA7A0, 0xA7A1, 0xA7A8][..], Span::new(10, 6))
        );
    }

    #[test]
    fn a_list_ends_at_a_word_of_another_kind() {
        let bytes = bytes(&[0x46A0, 0x46A1, 0x46A3, 0x1234, 0x1235, 0xA7A0, 0xA7A1, 0xA7A8, 0]);
        let spans: Vec<Span> =
            gop_lists(Window::of_file(&bytes), &known()).iter().map(|list| list.span).collect();
        assert_eq!(spans, [Span::new(0, 6), Span::new(10, 6)]);
    }

    #[test]
    fn an_arithmetic_table_is_no_list() {
        let table: Vec<u16> = (0..12).map(|step| 0xA780 + 10 * step).collect();
        assert_eq!(gop_lists(Window::of_file(&bytes(&table)), &known()), []);
    }

    #[test]
    fn an_id_that_nobody_knows_does_not_end_a_list() {
        let bytes = bytes(&[0x46A0, 0x46A1, 0x46FF, 0x46A3, 0]);
        let lists = gop_lists(Window::of_file(&bytes), &known());
        assert_eq!(lists[0].ids, [0x46A0, 0x46A1, 0x46A3]);
    }

    fn records(count: u16) -> Vec<u8> {
        let ids = FIRST_IDS.into_iter().chain(0x2000..).take(usize::from(count));
        ids.flat_map(|id| {
            [u64::from(id).to_le_bytes(), (0x4000 + u64::from(id & 3)).to_le_bytes()].concat()
        })
        .collect()
    }

    #[test]
    fn a_record_has_an_id_and_a_pointer() {
        let read = |id: u64, pointer: u64| {
            let bytes = [id.to_le_bytes(), pointer.to_le_bytes()].concat();
            record(Window::of_file(&bytes), 0)
        };
        assert_eq!(read(0x46A0, 0x4000), Some((0x46A0, 0x4000)));
        assert_eq!((read(0, 0x4000), read(0x46A0, 0), read(0x1_46A0, 0x4000)), (None, None, None));
    }

    #[test]
    fn a_table_needs_its_length() {
        let found = assignment_table(Window::of_file(&records(200))).unwrap();
        assert_eq!((found.ids.len(), found.generations, found.span), (200, 4, Span::new(0, 3200)));
        assert_eq!(assignment_table(Window::of_file(&records(100))), None);
    }
}
