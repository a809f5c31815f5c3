//! Which 16-bit words are device ids of Intel GPUs.

/// A set of device ids. Looking into it is what a search does for each word of a driver, so it is
/// one bit an id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GpuIds {
    bits: Vec<u64>,
}

/// Bits of a word.
const WORD: u16 = 64;

impl GpuIds {
    /// Whether `id` is one of them.
    #[must_use]
    pub fn contains(&self, id: u16) -> bool {
        self.bits.get(usize::from(id / WORD)).is_some_and(|word| word & Self::bit(id) != 0)
    }

    fn bit(id: u16) -> u64 {
        1_u64.wrapping_shl(u32::from(id % WORD))
    }
}

impl FromIterator<u16> for GpuIds {
    fn from_iter<T: IntoIterator<Item = u16>>(ids: T) -> Self {
        let mut bits = vec![0; usize::from(u16::MAX / WORD).saturating_add(1)];
        for id in ids {
            if let Some(word) = bits.get_mut(usize::from(id / WORD)) {
                *word |= Self::bit(id);
            }
        }
        Self { bits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_in_is_in_and_nothing_else() {
        let ids = [0, 63, 64, 0xA7A8, 0xFFFF];
        let set: GpuIds = ids.into_iter().collect();
        assert_eq!((0..=u16::MAX).filter(|id| set.contains(*id)).collect::<Vec<u16>>(), ids);
    }
}
