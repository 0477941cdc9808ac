//! From what runs and what a file declares to the steps between them. Pure.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// What becomes of the watcher of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<N> {
    /// It is no longer declared.
    Stop(N),
    /// It is new.
    Start(N),
    /// It is declared differently.
    Restart(N),
    /// It is declared as before.
    Keep(N),
}

/// Returns the steps: first what is declared, in the order of the file; then what stops, in the order of what runs. A
/// name is there once in each. What stops is last: whoever waits for the set to be synced waits for what is new by then.
pub(super) fn plan<N: Clone + Eq + Hash, S>(
    running: &[(N, &S)],
    declared: &[(N, &S)],
    same: impl Fn(&S, &S) -> bool,
) -> Vec<Step<N>> {
    let names: HashSet<&N> = declared.iter().map(|(name, _)| name).collect();
    let known: HashMap<&N, &S> = running.iter().map(|(name, spec)| (name, *spec)).collect();
    let stops = running.iter().filter(|(name, _)| !names.contains(name));
    let stops = stops.map(|(name, _)| Step::Stop(name.clone()));
    let others = declared.iter().map(|(name, spec)| match known.get(name) {
        None => Step::Start(name.clone()),
        Some(known) if same(known, spec) => Step::Keep(name.clone()),
        Some(_) => Step::Restart(name.clone()),
    });
    others.chain(stops).collect()
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    use super::*;

    fn shown(running: &str, declared: &str) -> String {
        let read = |text: &'static str| -> Vec<(&'static str, char)> {
            text.split_whitespace().map(|word| (&word[..1], word.chars().last().unwrap())).collect()
        };
        let (running, declared): (&'static str, &'static str) =
            (running.to_owned().leak(), declared.to_owned().leak());
        let (running, declared) = (read(running), read(declared));
        fn refer<'a>(it: &'a [(&'static str, char)]) -> Vec<(&'a str, &'a char)> {
            it.iter().map(|(name, spec)| (*name, spec)).collect()
        }
        let steps = plan(&refer(&running), &refer(&declared), char::eq);
        let word = |step| match step {
            Step::Stop(name) => format!("-{name}"),
            Step::Start(name) => format!("+{name}"),
            Step::Restart(name) => format!("~{name}"),
            Step::Keep(name) => format!("={name}"),
        };
        steps.into_iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_added_one_starts_a_removed_one_stops_a_changed_one_restarts_and_others_are_kept() {
        assert_eq!(shown("", "a1 b1"), "+a +b");
        assert_eq!(shown("a1 b1 c1", "c1 b2 d1"), "=c ~b +d -a");
        assert_eq!(shown("b1 a1", "c1"), "+c -b -a");
    }

    #[test]
    fn the_order_of_the_file_is_no_change() {
        assert_eq!(shown("a1 b1 c1", "c1 a1 b1"), "=c =a =b");
    }

    proptest! {
        /// Whoever does what the plan says runs what is declared, and has touched nothing else.
        #[test]
        fn the_plan_leads_to_what_is_declared(
            running in btree_map("[a-e]", 0..3_u8, 0..5),
            declared in vec(("[a-e]", 0..3_u8), 0..6),
        ) {
            let mut names = HashSet::new();
            let declared: Vec<_> =
                declared.iter().filter(|(name, _)| names.insert(name.clone())).collect();
            let declared: Vec<_> = declared.iter().map(|(name, spec)| (name.as_str(), spec)).collect();
            let before: Vec<_> = running.iter().map(|(name, spec)| (name.as_str(), spec)).collect();
            let spec = |name| *declared.iter().find(|it| it.0 == name).unwrap().1;

            let mut model: HashMap<&str, u8> = before.iter().map(|it| (it.0, *it.1)).collect();
            let mut order = Vec::new();
            for step in plan(&before, &declared, u8::eq) {
                match step {
                    Step::Stop(name) => prop_assert!(model.remove(name).is_some()),
                    Step::Start(name) => prop_assert_eq!(model.insert(name, spec(name)), None),
                    Step::Restart(name) => {
                        prop_assert_ne!(model.insert(name, spec(name)).unwrap(), spec(name));
                    }
                    Step::Keep(name) => prop_assert_eq!(model[name], spec(name)),
                }
                if let Step::Start(name) | Step::Restart(name) | Step::Keep(name) = step {
                    order.push(name);
                }
            }
            let wanted: HashMap<&str, u8> = declared.iter().map(|it| (it.0, *it.1)).collect();
            prop_assert_eq!(model, wanted);
            prop_assert_eq!(order, declared.iter().map(|it| it.0).collect::<Vec<_>>());
        }
    }
}
