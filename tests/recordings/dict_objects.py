"""An object store in a dictionary, for what no real store could do differently."""


class DictObjects:
    def __init__(self):
        self.kept = {}

    def put(self, name, data):
        self.kept[name] = data

    def get(self, name):
        return self.kept.get(name)

    async def fetch(self, name):
        return self.kept.get(name)

    def size(self, name):
        return len(self.kept[name]) if name in self.kept else None

    def clear(self, folder):
        gone = [name for name in self.kept if name.startswith(f"{folder}/")]
        for name in gone:
            del self.kept[name]
        return len(gone)
