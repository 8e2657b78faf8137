//! Order statistics and the normal distribution.

/// What a median absolute deviation is multiplied with to be a standard deviation.
const DEVIATIONS: f64 = 1.4826;

/// The value below which this share of them lies, between the two nearest ones.
pub(crate) fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let (below, rest) = position(last, share);
    let lower = sorted.get(below)?;
    let upper = sorted.get(below + 1).unwrap_or(lower);
    Some(lower + (upper - lower) * rest)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place within a short list"
)]
fn position(last: usize, share: f64) -> (usize, f64) {
    let place = last as f64 * share.clamp(0.0, 1.0);
    (place.floor() as usize, place.fract())
}

pub(crate) fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// A standard deviation that a few wild values don't move.
pub(crate) fn robust_deviation(values: &[f64]) -> Option<f64> {
    let middle = median(values)?;
    let off: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    median(&off).map(|off| off * DEVIATIONS)
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len()).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "no series is that long")]
pub(crate) fn count(length: usize) -> f64 {
    length as f64
}

/// How many standard deviations around the middle hold this share of a normal distribution: found by halving, as its integral has no
/// closed form.
pub(crate) fn normal_width(share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if held(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The share that lies within so many standard deviations, by Simpson's rule.
fn held(width: f64) -> f64 {
    const PARTS: u32 = 200;
    let step = width / f64::from(PARTS);
    let density = |at: f64| (-at * at / 2.0).exp();
    let inner: f64 = (1..PARTS)
        .map(|part| if part % 2 == 1 { 4.0 } else { 2.0 } * density(f64::from(part) * step))
        .sum();
    let integral = (density(0.0) + inner + density(width)) * step / 3.0;
    2.0 * integral / (2.0 * std::f64::consts::PI).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_tables() {
        for (share, width) in [
            (0.5, 0.674_489_8),
            (0.8, 1.281_551_6),
            (0.95, 1.959_964),
            (0.99, 2.575_829_3),
        ] {
            assert!((normal_width(share) - width).abs() < 1e-6, "{share}");
        }
    }

    #[test]
    fn quantiles_lie_between_the_nearest() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3.0], 0.9), Some(3.0));
        assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.5), Some(2.5));
        assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 1.0), Some(4.0));
        assert_eq!(robust_deviation(&[1.0, 2.0, 3.0, 4.0, 1000.0]), Some(DEVIATIONS));
    }
}
