-- hSeek, hTell and hFileSize: absolute, relative, from the end, past the end; seeking drops the
-- buffer. Catches positions kept in the wrong place.
module Main (main) where

import Control.Monad
import System.IO
import System.IO.Error

main :: IO ()
main = do
  h <- openBinaryFile "size513.bin" ReadMode
  hFileSize h >>= print
  forM_ [(AbsoluteSeek, 100), (RelativeSeek, 50), (RelativeSeek, -120), (SeekFromEnd, -1), (AbsoluteSeek, 511), (AbsoluteSeek, 0)] $ \(m, o) -> do
    hSeek h m o
    at <- hTell h
    c <- hGetChar h
    after <- hTell h
    print (m, o, at, c, after)
  hSeek h SeekFromEnd 0
  hIsEOF h >>= print
  hSeek h AbsoluteSeek 1000
  hIsEOF h >>= print
  r <- tryIOError (hSeek h AbsoluteSeek (-5))
  putStrLn (either (const "refused") (const "accepted") r)
  hSeek h AbsoluteSeek 3
  c <- hLookAhead h
  p <- hTell h
  print (c, p)
  hClose h
