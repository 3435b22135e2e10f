"""What a password must be: long enough, and none of those that everybody tries first. No rules on kinds of signs.

After NIST SP 800-63B-4, 3.1.1.2: length and a list of common ones; no composition rules, no expiry.
"""

from __future__ import annotations

import itertools
import unicodedata

from server.domain.refusals import Refusal

LEAST = 8
LONGEST = 128
_OWN_WORDS = 4
"""A number or name shorter than this says nothing about a password."""
_FEW_SIGNS = 3

_WORDS = """
    password password1 password12 password123 passw0rd p@ssw0rd p@ssword pass1234 pass12345 passwort 12345678
    123456789 1234567890 12345678910 0123456789 123123123 112233445566 147258369 147852369 159753456 11223344
    1122334455 87654321 987654321 9876543210 0987654321 12341234 1234qwer 12344321 123454321 123qweasd 123456789a
    12345678a 123456aa 123456ab 123456abc a1234567 a12345678 a123456789 aa123456 aa12345678 ab123456 abc12345
    abc123456 abc1234567 abcd1234 abcd12345 abcd123456 abcdefgh abcdefg1 abcdef123 qq123456 qq123456789 asd12345
    asd123456 asdf1234 asdfghjk asdfghjkl asdasd123 zxcvbnm1 zxcvbnm123 zxc12345 zxc123456 qwerty12 qwerty123
    qwerty1234 qwerty123456 qwertyui qwertyuiop qwer1234 qwe12345 qwe123456 qweasdzxc qazwsxedc 1qaz2wsx
    1qaz2wsx3edc 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 zaq12wsx qazwsx123 !qaz2wsx 5201314520
    52013145201314 520520520 1314520520 5201314a a5201314 520131400 woaini1314 woaini520 woaini123 woaini521
    woaini1314520 woaiwojia woaizhongguo zhongguo zhongguo1 zhongguo123 wodemima wodeshijie nihao123 iloveyou
    iloveyou1 iloveyou2 loveyou123 sunshine sunshine1 princess princess1 football football1 baseball baseball1
    superman superman1 batman123 starwars trustno1 whatever whatever1 computer computer1 internet master123
    monkey123 dragon123 shadow123 michael1 jennifer jordan23 charlie1 letmein1 letmein123 welcome1 welcome123
    welcome2024 welcome2025 welcome2026 changeme changeme1 changeme123 default1 secret123 security admin123
    admin1234 admin12345 admin123456 admin888 admin8888 administrator adminadmin root1234 root123456 user1234
    user123456 test1234 test12345 test123456 testtest guest123 guest1234 demo1234 manager1 system123 huawei123
    huawei@123 alibaba1 tencent1 taobao123 weixin123 dangxiao dangxiao1 dangxiao12 dangxiao123 dangyuan dangyuan1
    dangyuan123 dangjian dangjian123 zhibu123 zhibu1234 zhigong123 mima1234 mima123456 mima12345 mimamima 88888888
    888888888 66666666 666666666 99999999 00000000 000000000 11111111 111111111 1111111111 22222222 33333333
    55555555 77777777 12121212 131313131 13131313 14141414 16881688 18181818 20082008 20202020 20242024 20252025
    20262026 19491001 19781218 abcabc123 aaaaaaaa aaaa1111 a1b2c3d4 a1b2c3d4e5 1a2b3c4d 1234abcd 123abc123 123456qq
    123456789q 123456asd 123456qwe 123456zxc 1234567a 7758521521 775852100 584131421 3344520520 1234567q q1234567
    q12345678 w1234567 x1234567 z1234567 z12345678 l12345678 wang1234 wang123456 zhang123 zhang123456 li123456
    liu123456 chen1234 chen123456 yang1234 yang123456 zhao1234 huang123 zhou1234 wu123456 xu123456 sun123456
    hu123456 zhu123456 gao123456 lin123456 he123456 guo123456 ma123456
"""
_COMMON = frozenset(_WORDS.split())
"""Those that leaked most often, here and abroad, of ``LEAST`` signs or more, and this product's own words."""


def check_password(password: str, least: int, *own: str) -> None:
    """``own``: number and name of whoever it is for. Raises ``password_short``, ``password_common``."""
    plain = unicodedata.normalize("NFKC", password).casefold().strip()
    if len(plain) < least:
        raise Refusal("password_short")
    bare = plain.rstrip("!.?@#")
    if plain in _COMMON or bare in _COMMON or _is_pattern(plain) or any(_is_of(plain, word) for word in own):
        raise Refusal("password_common")


def _is_of(password: str, word: str) -> bool:
    """Nothing but the number or the name, once or more, with a few signs around."""
    plain = unicodedata.normalize("NFKC", word).casefold().strip()
    return len(plain) >= _OWN_WORDS and len(password.replace(plain, "")) < _OWN_WORDS and plain in password


def _is_pattern(password: str) -> bool:
    """A few signs again and again, or a run up or down: 11112222, abcdefghi, 98765432."""
    if len(set(password)) < _FEW_SIGNS:
        return True
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(password)}
    return steps in ({1}, {-1})
