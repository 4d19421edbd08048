{-# LANGUAGE OverloadedStrings #-}
-- Text: Unicode case, search, splitting, decoding with errors, reading numbers, lazy and IO.
module Main (main) where

import qualified Data.ByteString as B
import qualified Data.Text as T
import qualified Data.Text.Encoding as E
import qualified Data.Text.Encoding.Error as E
import qualified Data.Text.IO as T
import qualified Data.Text.Lazy as L
import qualified Data.Text.Lazy.Builder as L
import qualified Data.Text.Read as R

main :: IO ()
main = do
  let t = "Größe: Straße, ΑΒΓ, ж, 日本語, 😀" :: T.Text
  T.putStrLn t
  T.putStrLn (T.toUpper t)
  T.putStrLn (T.toLower t)
  T.putStrLn (T.reverse (T.toCaseFold t))
  print (T.length t, B.length (E.encodeUtf8 t), B.unpack (E.encodeUtf16LE "a日"))
  print (T.splitOn ", " t, T.breakOn "日" t)
  print (T.replace "ß" "ss" t == T.pack (concatMap (\c -> if c == 'ß' then "ss" else [c]) (T.unpack t)))
  print (E.decodeUtf8With E.lenientDecode (B.pack [97, 255, 98]), either (const "error") id (E.decodeUtf8' (B.pack [0xC3])))
  print (R.decimal "123abc" :: Either String (Int, T.Text), R.double "-1.5e3", R.signed R.decimal "-7" :: Either String (Int, T.Text))
  print (T.words "  a  b c ", T.strip "  x ", T.justifyRight 6 '.' "ab", T.center 7 '*' "mid", T.chunksOf 3 "abcdefgh")
  print (T.count "ab" "ababab", T.isInfixOf "ell" "hello", T.zip "abc" "xy", T.foldl' (\n c -> n + fromEnum c) 0 t)
  print (L.length (L.toLazyText (mconcat (replicate 1000 (L.fromText "chunk ")))), L.take 12 (L.cycle "xyz"))
