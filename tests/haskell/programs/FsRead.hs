-- readFile of RAM disk files: empty, small, of several tar blocks, in a subdirectory, by an
-- absolute-like "./" path, lazily in part. Catches sizes rounded up to 512.
module Main (main) where

import Control.Exception
import System.IO
import System.IO.Error

main :: IO ()
main = do
  readFile "empty.txt" >>= print
  readFile "hello.txt" >>= putStr
  readFile "./hello.txt" >>= print . length
  readFile "dir/inner.txt" >>= putStr
  readFile "dir/../hello.txt" >>= print . length
  readFile "dir/sub/deep.txt" >>= putStr
  t <- readFile "text.txt"
  print (length t, length (lines t), last (lines t))
  mapM_ (\n -> readFile ("size" ++ show n ++ ".bin") >>= print . length) [511, 512, 513 :: Int]
  s <- readFile "numbers.csv"
  print (sum (map read (lines s)) :: Int)
  h <- openFile "text.txt" ReadMode
  c <- hGetContents h
  print (take 10 c)
  hClose h
  r <- tryIOError (evaluate (length c))
  putStrLn (either ioeGetErrorString show r)
