//! The one place that calls binrw for reading, and where its errors end.

use crate::bytes::Window;
use binrw::{BinRead, io::Cursor, meta::ReadEndian};

/// Reads the structure that is at `at`; `None` if the window ends before it does.
pub(crate) fn structure<T>(window: Window<'_>, at: usize) -> Option<T>
where
    T: BinRead + ReadEndian,
    for<'args> T: BinRead<Args<'args> = ()>,
{
    T::read(&mut Cursor::new(window.from(at)?.bytes())).ok()
}
