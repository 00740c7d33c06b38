/**
 * Whether a password is one of those that everybody tries first: a common word, a run on the keyboard, a year, and hardly
 * anything beside them. Pure, offline and the same at the console, which decides, and on the page.
 *
 * A list of passwords as they leaked would hold few that have ten characters of four classes, and none of those that
 * people make of a leaked one to please such a rule (`Password2024!`, `Qwer1234!@#$`). So the password is taken apart
 * instead: what a word, a run, a date or a repetition explains costs a guesser nothing; what is left over does.
 */

/** Characters that nothing explains: with fewer of them a password counts as common. */
export const UNEXPLAINED_MIN = 5

/** Reports whether a password holds too little that a guesser would not try first. */
export function isCommonPassword(password: string): boolean {
  return countUnexplained(password) < UNEXPLAINED_MIN
}

/** Counts the characters of a password that no common word, run, year or repetition explains: the fewest in any reading. */
export function countUnexplained(password: string): number {
  const letters = lettersOf(password)
  const best = Array.from({ length: letters.length + 1 }, (_, at) => at)
  for (let at = 0; at < letters.length; at += 1) {
    const here = best[at] ?? 0
    for (const length of [1, ...explainedAt(letters, at)]) {
      const after = here + (length === 1 ? 1 : 0)
      best[at + length] = Math.min(best[at + length] ?? after, after)
    }
  }
  return best[letters.length] ?? 0
}

/** Reports whether a password holds a word, also where it was written with figures or signs for letters (`5h0uk0u`). */
export function holdsWord(password: string, word: string): boolean {
  const letters = lettersOf(password)
  const sought = lettersOf(word)
  return sought.length > 0 && letters.some((_, at) => isWordAt(letters, at, sought))
}

/** Lengths of what begins here and costs a guesser nothing. Each longer than one. */
function explainedAt(letters: readonly string[], at: number): number[] {
  const lengths = wordsFrom(letters[at] ?? '')
    .filter((word) => isWordAt(letters, at, word))
    .map((word) => word.length)
  for (const run of RUNS) lengths.push(...upTo(runAt(letters, at, run)))
  lengths.push(...upTo(sameAt(letters, at)), ...repeatedAt(letters, at))
  if (/^(?:19|20)\d\d$/.test(letters.slice(at, at + 4).join(''))) lengths.push(4)
  if (/^(?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d$/.test(letters.slice(at, at + 8).join(''))) lengths.push(8)
  return lengths
}

function isWordAt(letters: readonly string[], at: number, word: readonly string[]): boolean {
  return word.every((sought, n) => {
    const letter = letters[at + n]
    return letter !== undefined && (letter === sought || (READ_AS[letter]?.includes(sought) ?? false))
  })
}

/** How far a run on the keyboard or of the alphabet goes on from here, either way. */
function runAt(letters: readonly string[], at: number, run: string): number {
  const placeOf = (n: number): number => {
    const letter = letters[n]
    return letter === undefined ? -1 : run.indexOf(UNSHIFTED[letter] ?? letter)
  }
  const first = placeOf(at)
  const step = placeOf(at + 1) - first
  if (first < 0 || placeOf(at + 1) < 0 || Math.abs(step) !== 1) return 0
  let length = 2
  // Before the first of a run stands nothing, and what is not in it is at -1 too.
  while (placeOf(at + length) >= 0 && placeOf(at + length) === first + step * length) length += 1
  return length
}

function sameAt(letters: readonly string[], at: number): number {
  let length = 1
  while (letters[at + length] !== undefined && letters[at + length] === letters[at]) length += 1
  return length
}

/** What stands here stood right before it already. */
function repeatedAt(letters: readonly string[], at: number): number[] {
  const lengths: number[] = []
  for (let length = RUN_MIN; length <= Math.min(at, letters.length - at); length += 1) {
    let same = 0
    while (same < length && letters[at + same] === letters[at + same - length]) same += 1
    if (same === length) lengths.push(length)
  }
  return lengths
}

function upTo(length: number): number[] {
  return Array.from({ length: Math.max(0, length - RUN_MIN + 1) }, (_, n) => n + RUN_MIN)
}

function lettersOf(text: string): string[] {
  return Array.from(text.normalize('NFKC').toLowerCase())
}

const RUN_MIN = 3

/** Rows, columns and what fingers roll over; the alphabet; figures. */
const RUNS: readonly string[] = [
  ...['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1234567890', 'abcdefghijklmnopqrstuvwxyz', '0123456789'],
  ...['1qaz', '2wsx', '3edc', '4rfv', '5tgb', '6yhn', '7ujm', '13579', '24680', '147258369', 'qweasdzxc'],
]

const UNSHIFTED: Readonly<Record<string, string>> = {
  ...{ '!': '1', '@': '2', '#': '3', $: '4', '%': '5', '^': '6', '&': '7', '*': '8', '(': '9', ')': '0' },
}

/** Figures and signs as people write letters with them. */
const READ_AS: Readonly<Record<string, string>> = {
  ...{
    '@': 'a',
    '4': 'a',
    '8': 'b',
    '(': 'c',
    '3': 'e',
    '6': 'g',
    '9': 'g',
    '1': 'il',
    '!': 'il',
    '|': 'il',
  },
  ...{ '0': 'o', $: 's', '5': 's', '7': 't', '+': 't', '2': 'z' },
}

/** Of at least three letters: shorter ones would explain anything. */
const WORDS: readonly (readonly string[])[] = [
  // What a password is for, and whose it is.
  'password passwd pass passwort passphrase admin administrator root user guest test tester demo temp default login logon',
  'master manager super superuser system server service support backup database oracle mysql postgres redis sql web www',
  'public private secret secure security secrecy access account owner office company work job home house computer laptop',
  'windows linux ubuntu debian centos redhat kylin cisco huawei lenovo dell apple iphone android samsung xiaomi google',
  'microsoft github gitlab jenkins docker tomcat nginx apache admin123 internet network wireless wifi router firewall',
  'change changeme changeit letmein welcome hello start begin enter open sesame unlock trust trustno please hi bye new',
  // What people like.
  'love iloveyou loveyou lovely lover baby angel princess prince sunshine flower rose lily daisy cherry orange banana apple',
  'monkey dragon tiger lion panda kitty kitten puppy horse123 eagle falcon phoenix wolf bear shark dolphin rabbit snake',
  'football baseball basketball soccer hockey tennis golf racing liverpool chelsea arsenal barcelona madrid juventus',
  'superman batman spiderman pokemon pikachu naruto starwars matrix shadow ninja hunter killer warrior ranger samurai',
  'freedom forever friend friends family mother father mommy daddy sister brother lucky happy smile sweet honey sugar',
  'cookie chocolate coffee cheese pepper summer winter spring autumn monday tuesday wednesday thursday friday saturday',
  'sunday january february march april june july august september october november december money dollar gold silver',
  'diamond crystal purple yellow green black white blue red computer music guitar piano rock star moon sun sky ocean',
  'jesus christ god heaven hell devil evil angel michael jordan jennifer jessica ashley daniel thomas robert charlie',
  'george andrew joshua matthew anthony william richard john david james peter mary anna alex nicole sophie jason kevin',
  'maggie buster harley mustang ferrari porsche toyota honda mercedes corvette yamaha nissan whatever nothing blink',
  'qwerty qwer qwert asdf asdfgh zxcv azerty abcd abc aaa xxx zzz asd qwe zxc qaz wsx edc qazwsx fuckyou fuck bitch',
  'sexy asshole blowme player soldier pilot doctor teacher student school college university china chinese beijing',
  // Figures that people like: read aloud, they mean something.
  '520 521 1314 5201314 1314520 007 110 119 168 1688 666 888 911 1024 2333',
  // In pinyin: words, places, names.
  'woaini aini nihao wode mima kouling denglu guanli guanliyuan yonghu ceshi xitong anquan baomi shenji jimi juemi mimi',
  'zhongguo zhonghua renmin gongheguo beijing shanghai tianjin chongqing guangzhou shenzhen nanjing hangzhou wuhan',
  'chengdu xian changsha zhengzhou jinan qingdao shenyang dalian harbin changchun kunming guiyang nanning lanzhou',
  'hefei fuzhou xiamen nanchang taiyuan urumqi lasa xining yinchuan haikou hongkong macau taiwan jiayou facai gongxi',
  'baobao laopo laogong mama baba gege jiejie didi meimei pengyou tongxue laoshi xiaoming xiaohong xingfu kuaile',
  'wang zhang liu chen yang zhao huang zhou zhu sun guo lin luo zheng liang xie tang song han feng deng cao peng zeng',
  'xiao tian dong pan yuan cai jiang wei jia ding xue yan shen zhong jian wei ming jun qiang lei tao chao yong jie juan',
  'min jing ying fang ting xia yun hong mei hui ping gang wen hua bin bo nan kai xin rui hao yu',
]
  .flatMap((line) => line.split(' '))
  .filter((word) => word.length >= RUN_MIN)
  .map((word) => Array.from(word))

const wordsByStart = Map.groupBy(WORDS, ([start]) => start ?? '')

function wordsFrom(letter: string): readonly (readonly string[])[] {
  return [letter, ...Array.from(READ_AS[letter] ?? '')].flatMap((start) => wordsByStart.get(start) ?? [])
}
