//! Two texts line by line: what went, what came, and a little of what stayed around it.

/// Lines that stayed, shown before and after a change.
const AROUND: usize = 2;

/// The longest texts compared line by line; of longer ones all lines went and came.
const LINES_MAX: usize = 3_000;

/// A line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// It stayed.
    Same(String),
    /// It went.
    Gone(String),
    /// It came.
    New(String),
    /// So many that stayed are left out here.
    Skipped(usize),
}

/// What became of `old`.
pub(super) fn lines(old: &str, new: &str) -> Vec<Stretch> {
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = { old_rest.iter().rev() }
        .zip(new_rest.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (old_middle, new_middle) = (
        &old_rest[..old_rest.len() - tail],
        &new_rest[..new_rest.len() - tail],
    );
    let same = |lines: &[&str]| -> Vec<Stretch> {
        lines
            .iter()
            .map(|it| Stretch::Same((*it).to_owned()))
            .collect()
    };
    let mut all = same(&old[..head]);
    all.extend(middle(old_middle, new_middle));
    all.extend(same(&old_rest[old_rest.len() - tail..]));
    shortened(all)
}

/// The longest common run of lines stays; the rest went or came.
fn middle(old: &[&str], new: &[&str]) -> Vec<Stretch> {
    let gone = |line: &&str| Stretch::Gone((*line).to_owned());
    let came = |line: &&str| Stretch::New((*line).to_owned());
    if old.len() > LINES_MAX || new.len() > LINES_MAX {
        return old.iter().map(gone).chain(new.iter().map(came)).collect();
    }
    let width = new.len() + 1;
    let mut longest = vec![0_u16; (old.len() + 1) * width];
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            longest[i * width + j] = if a == b {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            out.push(Stretch::Same(old[i].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            out.push(gone(&old[i]));
            i += 1;
        } else {
            out.push(came(&new[j]));
            j += 1;
        }
    }
    out.extend(old[i..].iter().map(gone));
    out.extend(new[j..].iter().map(came));
    out
}

/// Leaves out what stayed far from any change.
fn shortened(all: Vec<Stretch>) -> Vec<Stretch> {
    let is_near = |index: usize| {
        let from = index.saturating_sub(AROUND);
        let until = (index + AROUND + 1).min(all.len());
        all[from..until]
            .iter()
            .any(|it| !matches!(it, Stretch::Same(_)))
    };
    let near: Vec<bool> = (0..all.len()).map(is_near).collect();
    let (mut out, mut skipped) = (Vec::new(), 0);
    for (line, near) in all.into_iter().zip(near) {
        if near {
            if skipped > 0 {
                out.push(Stretch::Skipped(skipped));
                skipped = 0;
            }
            out.push(line);
        } else {
            skipped += 1;
        }
    }
    if skipped > 0 && !out.is_empty() {
        out.push(Stretch::Skipped(skipped));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> Vec<String> {
        let line = |it: Stretch| match it {
            Stretch::Same(line) => format!("  {line}"),
            Stretch::Gone(line) => format!("- {line}"),
            Stretch::New(line) => format!("+ {line}"),
            Stretch::Skipped(lines) => format!("… {lines}"),
        };
        lines(old, new).into_iter().map(line).collect()
    }

    #[test]
    fn what_went_and_came_is_shown_with_a_little_around_it() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh";
        assert_eq!(shown(old, old), Vec::<String>::new());
        assert_eq!(
            shown(old, "a\nb\nc\nD\ne\nf\ng\nh"),
            ["… 1", "  b", "  c", "- d", "+ D", "  e", "  f", "… 2"]
        );
        assert_eq!(shown("a\nb", "a\nx\nb\ny"), ["  a", "+ x", "  b", "+ y"]);
        assert_eq!(shown("", "a"), ["+ a"]);
        assert_eq!(shown("a", ""), ["- a"]);
    }

    #[test]
    fn each_side_can_be_put_together_again() {
        let cases = [
            ("a\nb\nc", "b\nc\nd"),
            ("x\ny", "y\nx"),
            ("a\na\nb", "a\nb\nb"),
        ];
        for (old, new) in cases {
            let all = lines(old, new);
            let side = |of: fn(&Stretch) -> Option<&str>| -> String {
                all.iter().filter_map(of).collect::<Vec<_>>().join("\n")
            };
            let left = side(|it| match it {
                Stretch::Same(line) | Stretch::Gone(line) => Some(line),
                _ => None,
            });
            let right = side(|it| match it {
                Stretch::Same(line) | Stretch::New(line) => Some(line),
                _ => None,
            });
            assert_eq!((left.as_str(), right.as_str()), (old, new));
        }
    }
}
