//! What stands in where nothing is known.

/// The series from its first known value to its last one; what is missing between lies on a line between its neighbours.
pub(crate) fn filled(values: &[Option<f64>]) -> Vec<f64> {
    let mut filled: Vec<f64> = Vec::with_capacity(values.len());
    let mut missing = 0_usize;
    for value in values {
        match (value, filled.last().copied()) {
            (None, None) => {}
            (None, Some(_)) => missing += 1,
            (Some(value), before) => {
                let before = before.unwrap_or(*value);
                let steps = crate::quantile::count(missing + 1);
                let between = (1..=missing)
                    .map(|step| before + (value - before) * crate::quantile::count(step) / steps);
                filled.extend(between);
                filled.push(*value);
                missing = 0;
            }
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn gaps_lie_on_lines() {
        assert_eq!(
            filled(&[None, Some(1.0), None, None, Some(4.0), Some(5.0), None]),
            [1.0, 2.0, 3.0, 4.0, 5.0]
        );
        assert!(filled(&[None, None]).is_empty());
    }
}
