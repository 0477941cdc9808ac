//! What is ignored of a value, as a tree: any number of pointers is one pass over a body.

use std::collections::{BTreeSet, HashMap};

use super::items::Path;

/// JSON pointers as the tree of their segments. At each member of a value one look tells what becomes of it, however
/// many pointers there are. What is below an ignored place is ignored with it.
#[derive(Debug, Default)]
pub(crate) struct PointerTree {
    pointers: BTreeSet<Box<Path>>,
    /// The first is the root. They are a list, so that nothing recurses.
    nodes: Vec<Node>,
}

/// A place that pointers lead through.
#[derive(Debug, Default)]
struct Node {
    names: HashMap<String, Below>,
    /// Those of the names that are places in an array.
    places: HashMap<usize, Below>,
}

#[derive(Clone, Copy, Debug)]
enum Below {
    /// A pointer ends here.
    End,
    /// The number of the node that pointers lead through.
    Node(usize),
}

/// Where a walk is in the tree: in a value of which a part is ignored.
#[derive(Clone, Copy)]
pub(crate) struct Branch<'t> {
    tree: &'t PointerTree,
    node: &'t Node,
}

/// What leads to a member.
#[derive(Clone, Copy)]
pub(crate) enum Name<'a> {
    /// Of an object.
    Key(&'a str),
    /// In an array.
    Place(usize),
}

impl Name<'_> {
    /// It is a part of a value.
    pub(crate) fn part(self, part: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Key(key) => part(key.as_bytes()),
            Self::Place(place) => part(&place.to_le_bytes()),
        }
    }
}

/// What becomes of a member.
pub(crate) enum Step<'t> {
    /// All of it counts.
    Counts,
    /// Nothing of it counts.
    Ignored,
    /// A part of it is ignored.
    Into(Branch<'t>),
}

impl PointerTree {
    pub(crate) fn new(pointers: impl IntoIterator<Item = Box<Path>>) -> Self {
        // In their order, a pointer comes before those to what is below it.
        let pointers: BTreeSet<_> = pointers.into_iter().filter(|path| !path.is_empty()).collect();
        let mut nodes = vec![Node::default()];
        pointers.iter().for_each(|path| insert(&mut nodes, path));
        Self { pointers, nodes }
    }

    /// Whether everything counts.
    pub(crate) fn is_empty(&self) -> bool {
        self.pointers.is_empty()
    }

    /// The pointers, as their segments.
    pub(crate) fn pointers(&self) -> &BTreeSet<Box<Path>> {
        &self.pointers
    }

    /// Where a walk begins; `None` where everything counts.
    pub(crate) fn root(&self) -> Option<Branch<'_>> {
        let node = self.nodes.first().filter(|_| !self.is_empty())?;
        Some(Branch { tree: self, node })
    }
}

fn insert(nodes: &mut Vec<Node>, path: &Path) {
    let mut at = 0;
    for (depth, name) in path.iter().enumerate() {
        let new = match depth + 1 == path.len() {
            true => Below::End,
            false => Below::Node(nodes.len()),
        };
        let Some(node) = nodes.get_mut(at) else { return };
        let below = *node.names.entry(name.clone()).or_insert(new);
        if let Some(place) = super::items::place(name) {
            node.places.insert(place, below);
        }
        let Below::Node(next) = below else { return };
        if next == nodes.len() {
            nodes.push(Node::default());
        }
        at = next;
    }
}

impl<'t> Branch<'t> {
    /// What becomes of the member to which a name leads.
    pub(crate) fn step(self, name: Name<'_>) -> Step<'t> {
        let below = match name {
            Name::Key(key) => self.node.names.get(key),
            Name::Place(place) => self.node.places.get(&place),
        };
        match below {
            None => Step::Counts,
            Some(Below::End) => Step::Ignored,
            Some(Below::Node(node)) => match self.tree.nodes.get(*node) {
                Some(node) => Step::Into(Self { node, ..self }),
                None => Step::Counts,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(pointers: &[&str]) -> PointerTree {
        PointerTree::new(
            pointers.iter().map(|pointer| pointer.split('/').skip(1).map(str::to_owned).collect()),
        )
    }

    /// What becomes of the member at the end of a path of names.
    fn shown(tree: &PointerTree, path: &[&str]) -> &'static str {
        let Some(mut branch) = tree.root() else { return "counts" };
        for name in path {
            branch = match branch.step(Name::Key(name)) {
                Step::Counts => return "counts",
                Step::Ignored => return "ignored",
                Step::Into(below) => below,
            };
        }
        "in part"
    }

    #[test]
    fn a_look_at_each_name_tells_what_is_ignored() {
        let tree = tree(&["/a/b/c", "/a/b", "/x", "/a/d/0/e", "/x"]);
        let cases: [(&[&str], _); 8] = [
            (&["a"], "in part"),
            (&["a", "b"], "ignored"),
            (&["a", "b", "c"], "ignored"),
            (&["a", "c"], "counts"),
            (&["a", "d", "0"], "in part"),
            (&["a", "d", "0", "e"], "ignored"),
            (&["x", "y"], "ignored"),
            (&["y"], "counts"),
        ];
        for (path, what) in cases {
            assert_eq!(shown(&tree, path), what, "{path:?}");
        }
        assert_eq!(tree.pointers().len(), 4);
    }

    #[test]
    fn only_a_place_of_an_array_is_one() {
        let tree = tree(&["/0", "/01", "/-", "/7/x"]);
        let root = tree.root().unwrap();
        assert!(matches!(root.step(Name::Place(0)), Step::Ignored));
        assert!(matches!(root.step(Name::Place(1)), Step::Counts));
        assert!(matches!(root.step(Name::Place(7)), Step::Into(_)));
        assert!(matches!(root.step(Name::Key("01")), Step::Ignored));
    }

    #[test]
    fn without_pointers_everything_counts() {
        assert!(PointerTree::default().root().is_none());
        assert!(tree(&[]).root().is_none() && tree(&[""]).is_empty());
    }
}
