//! Data as literals and matches, the longest match in the window first, one step of it put off
//! where the next is longer.

use crate::layout::Algorithm;
use crate::layout::compression::{LONGEST_MATCH, SHORTEST_MATCH};

/// A step of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// This byte.
    Literal(u8),
    /// `length` bytes from `distance` back; 1 is the last byte.
    Match { distance: usize, length: usize },
}

/// Bits of the hash of [`SHORTEST_MATCH`] bytes.
const HASH_BITS: u32 = 15;
/// Earlier places that are tried for a match.
const TRIES: usize = 4096;
/// No place.
const NONE: usize = usize::MAX;

/// What a search found: distance and length, or no match.
#[derive(Clone, Copy)]
struct Searched(Option<(usize, usize)>);

/// The tokens of some data, in order.
pub(super) struct Matches<'a> {
    data: &'a [u8],
    at: usize,
    window: usize,
    /// The latest place of each hash.
    heads: Vec<usize>,
    /// For each place, the one before it with the same hash.
    previous: Vec<usize>,
    /// The match at `at`, where it was looked for already.
    ahead: Option<Searched>,
}

impl<'a> Matches<'a> {
    pub(super) fn new(data: &'a [u8], algorithm: Algorithm) -> Self {
        let heads = vec![NONE; 1_usize.wrapping_shl(HASH_BITS)];
        let window = 1_usize.wrapping_shl(algorithm.window_bits());
        Self { data, at: 0, window, heads, previous: Vec::with_capacity(data.len()), ahead: None }
    }

    fn hash(&self, at: usize) -> Option<usize> {
        let [a, b, c] = *self.data.get(at..)?.first_chunk::<SHORTEST_MATCH>()?;
        let word = u32::from_le_bytes([a, b, c, 0]);
        usize::try_from(word.wrapping_mul(0x9E37_79B1).wrapping_shr(32_u32.wrapping_sub(HASH_BITS)))
            .ok()
    }

    /// Makes all places before `end` known.
    fn enter(&mut self, end: usize) {
        while self.previous.len() < end {
            let at = self.previous.len();
            let head = self.hash(at).and_then(|hash| self.heads.get_mut(hash));
            let before = head.map_or(NONE, |head| std::mem::replace(head, at));
            self.previous.push(before);
        }
    }

    /// The longest match at `at`, the nearest of these: distance and length.
    fn longest(&mut self, at: usize) -> Option<(usize, usize)> {
        self.enter(at);
        let here = self.data.get(at..)?;
        let here = here.get(..LONGEST_MATCH).unwrap_or(here);
        let mut place = self.heads.get(self.hash(at)?).copied().unwrap_or(NONE);
        let mut best: Option<(usize, usize)> = None;
        for _ in 0..TRIES {
            let distance = at.saturating_sub(place);
            if place == NONE || distance > self.window {
                break;
            }
            let longest = best.map_or(0, |(_, length)| length);
            // A longer match has this byte too; most places do not.
            let hopeful =
                self.data.get(place..).filter(|earlier| earlier.get(longest) == here.get(longest));
            let length = hopeful.map_or(0, |earlier| common(earlier, here));
            if length >= SHORTEST_MATCH && length > longest {
                best = Some((distance, length));
                if length == here.len() {
                    break;
                }
            }
            place = self.previous.get(place).copied().unwrap_or(NONE);
        }
        best
    }
}

/// Bytes that `one` and `other` begin with alike.
fn common(one: &[u8], other: &[u8]) -> usize {
    let (words, _) = one.as_chunks::<8>();
    let (others, _) = other.as_chunks::<8>();
    let words = words.iter().zip(others).take_while(|(one, other)| one == other).count();
    let start = words.saturating_mul(8);
    let tails = one.iter().skip(start).zip(other.iter().skip(start));
    start.saturating_add(tails.take_while(|(one, other)| one == other).count())
}

impl Iterator for Matches<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let literal = Token::Literal(*self.data.get(self.at)?);
        let found = match self.ahead.take() {
            Some(Searched(found)) => found,
            None => self.longest(self.at),
        };
        let next = self.at.saturating_add(1);
        let Some((distance, length)) = found else {
            self.at = next;
            return Some(literal);
        };
        if length < LONGEST_MATCH {
            let ahead = self.longest(next);
            if ahead.is_some_and(|(_, longer)| longer > length) {
                self.ahead = Some(Searched(ahead));
                self.at = next;
                return Some(literal);
            }
        }
        self.at = self.at.saturating_add(length);
        Some(Token::Match { distance, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(data: &[u8]) -> Vec<Token> {
        Matches::new(data, Algorithm::Uefi).collect()
    }

    #[test]
    fn a_run_is_one_match_with_itself() {
        assert_eq!(
            tokens(b"aaaaaaa"),
            [Token::Literal(b'a'), Token::Match { distance: 1, length: 6 }]
        );
    }

    #[test]
    fn a_longer_match_one_step_ahead_is_waited_for() {
        let tokens = tokens(b"abc_bcdef_abcdef");
        assert_eq!(
            tokens[tokens.len() - 2..],
            [Token::Literal(b'a'), Token::Match { distance: 7, length: 5 }]
        );
    }

    #[test]
    fn matches_stay_in_the_window() {
        let mut data = b"start".to_vec();
        data.extend(
            (0..9000_u32).map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap()),
        );
        data.extend(b"start");
        let limit = 1 << Algorithm::Uefi.window_bits();
        assert!(
            tokens(&data)
                .iter()
                .all(|token| !matches!(token, Token::Match { distance, .. } if *distance > limit))
        );
    }
}
