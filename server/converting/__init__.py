"""Converting foreign files in processes of their own that may do nothing else.

``confined`` starts and watches them, ``child`` is what runs in them, ``cage`` and ``calls`` shut them in, every other
module is a craft. The crafts alone import the libraries that read foreign bytes.
"""
