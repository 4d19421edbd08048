-- ByteString builders: numbers, hex, floats, UTF-8, and a big output through hPutBuilder.
module Main (main) where

import qualified Data.ByteString.Builder as B
import qualified Data.ByteString.Lazy as L
import System.IO

main :: IO ()
main = do
  out (mconcat [B.intDec (-42), B.char7 ' ', B.wordHex 48879, B.char7 ' ', B.integerDec (2 ^ (100 :: Int)), B.charUtf8 'λ', B.stringUtf8 " größer ", B.doubleDec 1.5, B.char7 ' ', B.word16HexFixed 10])
  print (L.unpack (B.toLazyByteString (B.word32BE 1 <> B.word32LE 1 <> B.int16BE (-2) <> B.doubleLE 1 <> B.floatBE (-2))))
  out (foldMap (\n -> B.intDec n <> B.char7 (if n `mod` 25 == 0 then '\n' else ' ')) [1 .. 2000])
  print (L.length (B.toLazyByteString (foldMap B.intDec [1 .. 20000])))
  where out b = B.hPutBuilder stdout (b <> B.char7 '\n')
