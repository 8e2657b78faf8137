//! Numbers as log writers print them.

/// Eighteen digits always fit an `i64`, which is what columns hold.
const MAX_DIGITS: usize = 18;

/// A number field: what it says, and whether printing that gives the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    /// `None` for `-`.
    pub(crate) value: Option<u64>,
    pub(crate) plain: bool,
}

impl Number {
    const MISSING: Self = Self {
        value: None,
        plain: true,
    };

    /// Digits or a dash, as AWS writes them.
    #[inline]
    pub(crate) fn strict(text: &[u8]) -> Option<Self> {
        if text == b"-" {
            return Some(Self::MISSING);
        }
        let value = digits(text)?;
        let plain = !matches!(text, [b'0', _, ..]);
        Some(Self {
            value: Some(value),
            plain,
        })
    }

    /// Also `5ms` (Ceph) and `1.5e+06` (Scality).
    pub(crate) fn loose(text: &[u8]) -> Option<Self> {
        if let Some(number) = Self::strict(text) {
            return Some(number);
        }
        let text = text.strip_suffix(b"ms").unwrap_or(text);
        let value = digits(text).or_else(|| float(text))?;
        Some(Self {
            value: Some(value),
            plain: false,
        })
    }
}

/// One to eighteen digits.
#[inline]
pub(crate) fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > MAX_DIGITS {
        return None;
    }
    let mut value = 0_u64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Some(value)
}

/// Two digits.
#[inline]
pub(crate) fn two(tens: u8, ones: u8) -> Option<u8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| tens.wrapping_mul(10).wrapping_add(ones))
}

/// Three digits: an HTTP status.
#[inline]
pub(crate) fn status(text: &[u8]) -> Option<Option<u16>> {
    let [a, b, c] = *text else {
        return (text == b"-").then_some(None);
    };
    let hundreds = two(b'0', a)?;
    let rest = two(b, c)?;
    Some(Some(
        u16::from(hundreds)
            .wrapping_mul(100)
            .wrapping_add(u16::from(rest)),
    ))
}

fn float(text: &[u8]) -> Option<u64> {
    // The alphabet keeps out `inf`, `nan` and signs, which `f64` would read.
    let allowed = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-');
    if text.len() > 32 || !text.first()?.is_ascii_digit() || !text.iter().all(allowed) {
        return None;
    }
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let rounded = value.round();
    // Up to 2^53 an f64 holds whole numbers exactly.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked before"
    )]
    (0.0..9.0e15).contains(&rounded).then_some(rounded as u64)
}

/// Seconds with a fraction (`0.123`) as whole microseconds.
pub(crate) fn seconds_as_micros(text: &[u8]) -> Option<u64> {
    let (whole, fraction) = crate::scan::split_once(text, b'.').unwrap_or((text, b"0"));
    if fraction.len() > 6 {
        return None;
    }
    let scale = u32::try_from(fraction.len())
        .ok()
        .and_then(|n| 6_u32.checked_sub(n))?;
    let micros = digits(fraction)?.checked_mul(10_u64.checked_pow(scale)?)?;
    digits(whole)?.checked_mul(1_000_000)?.checked_add(micros)
}
