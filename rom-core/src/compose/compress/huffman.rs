//! Prefix code lengths out of frequencies.

use crate::layout::compression::LONGEST_CODE;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Lengths of an optimal prefix code for two and more symbols that occur, none longer than
/// [`LONGEST_CODE`].
pub(super) fn code_lengths(frequencies: &[u32]) -> Vec<u8> {
    let mut frequencies = frequencies.to_vec();
    loop {
        let lengths = unlimited(&frequencies);
        if lengths.iter().all(|length| usize::from(*length) <= LONGEST_CODE) {
            return lengths;
        }
        // Flatter frequencies give shorter codes; after at most 32 halvings all are equal.
        for frequency in &mut frequencies {
            *frequency = frequency.div_ceil(2);
        }
    }
}

/// Lengths of an optimal code (Huffman's).
fn unlimited(frequencies: &[u32]) -> Vec<u8> {
    let mut heap: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    // Nodes: first the symbols, then what joins two nodes.
    let mut parents = vec![usize::MAX; frequencies.len()];
    heap.extend(
        frequencies
            .iter()
            .enumerate()
            .filter(|(_, frequency)| **frequency > 0)
            .map(|(symbol, frequency)| Reverse((u64::from(*frequency), symbol))),
    );
    while let (Some(Reverse((one, left))), Some(Reverse((other, right)))) = (heap.pop(), heap.pop())
    {
        let node = parents.len();
        parents.push(usize::MAX);
        for child in [left, right] {
            if let Some(parent) = parents.get_mut(child) {
                *parent = node;
            }
        }
        heap.push(Reverse((one.saturating_add(other), node)));
        if heap.len() == 1 {
            break;
        }
    }
    // A parent has a higher number than its children: from the root down, each depth is known
    // before it is needed.
    let mut depths = vec![0_u8; parents.len()];
    for node in (0..parents.len()).rev() {
        let above = parents.get(node).and_then(|parent| depths.get(*parent)).copied();
        if let (Some(above), Some(depth)) = (above, depths.get_mut(node)) {
            *depth = above.saturating_add(1);
        }
    }
    depths.truncate(frequencies.len());
    depths
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum of 2 to the power of minus length over all symbols, in units of 2^-16.
    fn kraft(lengths: &[u8]) -> u32 {
        lengths
            .iter()
            .filter(|length| **length > 0)
            .map(|length| 1_u32 << (LONGEST_CODE - usize::from(*length)))
            .sum()
    }

    #[test]
    fn frequent_symbols_get_short_codes() {
        assert_eq!(code_lengths(&[8, 4, 2, 1, 0, 1]), [1, 2, 3, 4, 0, 4]);
        assert_eq!(code_lengths(&[0, 1, 0, 1]), [0, 1, 0, 1]);
    }

    #[test]
    fn the_steepest_frequencies_keep_to_the_longest_code() {
        let mut fibonacci = vec![1_u32, 1];
        while fibonacci.len() < 40 {
            fibonacci.push(fibonacci[fibonacci.len() - 1] + fibonacci[fibonacci.len() - 2]);
        }
        let lengths = code_lengths(&fibonacci);
        assert!(lengths.iter().all(|length| (1..=LONGEST_CODE).contains(&usize::from(*length))));
        assert_eq!(kraft(&lengths), 1 << LONGEST_CODE);
    }
}
