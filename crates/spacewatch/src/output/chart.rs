//! Small pictures made of characters.

const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const PARTS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar of at most `width` columns, in eighths of a column. What is not nothing shows at least a little.
pub(crate) fn bar(part: u64, most: u64, width: usize) -> String {
    if part == 0 || most == 0 {
        return String::new();
    }
    let eighths = (u128::from(part.min(most)) * (width as u128 * 8)).div_ceil(u128::from(most));
    let eighths = usize::try_from(eighths).unwrap_or(0);
    let mut drawn = "█".repeat(eighths / 8);
    if let Some(rest) = (eighths % 8).checked_sub(1).and_then(|rest| PARTS.get(rest)) {
        drawn.push(*rest);
    }
    drawn
}

/// A line of columns, each as high as its value; nothing is a blank.
pub(crate) fn sparkline(values: &[u64]) -> String {
    let most = values.iter().max().copied().unwrap_or(0).max(1);
    let column = |value: &u64| {
        let height = (u128::from(*value) * EIGHTHS.len() as u128).div_ceil(u128::from(most));
        let height = usize::try_from(height)
            .ok()
            .and_then(|height| height.checked_sub(1));
        height.and_then(|at| EIGHTHS.get(at)).copied().unwrap_or(' ')
    };
    values.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars() {
        assert_eq!(
            [0, 1, 50, 99, 100].map(|part| bar(part, 100, 4)),
            ["", "▏", "██", "████", "████"]
        );
        assert_eq!(bar(37, 100, 4), "█▌");
        assert_eq!(bar(u64::MAX, u64::MAX, 2), "██");
        assert_eq!(bar(1, 0, 2), "");
    }

    #[test]
    fn sparklines() {
        assert_eq!(sparkline(&[0, 1, 4, 8, 100]), " ▁▁▁█");
        assert_eq!(sparkline(&[0, 0]), "  ");
        assert_eq!(sparkline(&[u64::MAX, u64::MAX / 2]), "█▄");
    }
}
